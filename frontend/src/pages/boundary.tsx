/** Catches what no page expected, so that people see words instead of a blank page. */
import { Component, type ReactNode } from "react";

import { Button } from "@/atoms/button";

import { Landing } from "./landing";

export class Boundary extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <Landing title="This page broke">
        <p className="text-ink-2">Nothing you decided is lost. Loading the page again usually helps.</p>
        <Button tone="primary" size="lg" className="w-full" onClick={() => window.location.reload()}>
          Load again
        </Button>
      </Landing>
    );
  }
}
