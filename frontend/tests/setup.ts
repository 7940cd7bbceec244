/** What jsdom lacks, and a clean slate for each test. */
import "@testing-library/jest-dom/vitest";

import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach } from "vitest";

import { useDecisions } from "@/api/decision-store";
import { useSession } from "@/lib/session";
import { useToasts } from "@/lib/toasts";

import { setDesk } from "./screen";

class StillObserver implements ResizeObserver {
  observe(): void {
    // Nothing changes its size in jsdom.
  }
  unobserve(): void {
    // See above.
  }
  disconnect(): void {
    // See above.
  }
}
globalThis.ResizeObserver = StillObserver;
Element.prototype.scrollIntoView = () => undefined;

beforeEach(() => {
  setDesk(true);
  localStorage.clear();
  useDecisions.setState({ entries: {} });
  useToasts.setState({ toasts: [] });
  useSession.setState({ standing: "unknown", connection: "connecting" });
});

afterEach(cleanup);
