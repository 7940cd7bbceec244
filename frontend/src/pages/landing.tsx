/** The frame of the pages outside the app: the mark, a title, one thing to do. */
import { Check, Copy } from "lucide-react";
import { useState, type ReactNode } from "react";

import { IconButton } from "@/atoms/button";
import { Mark } from "@/atoms/logo";

export function Landing({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="grid min-h-dvh place-items-center px-6 py-12">
      <div className="flex w-full max-w-sm animate-rise flex-col items-center gap-5 text-center">
        <Mark size={52} />
        <h1 className="mt-2 text-2xl font-semibold tracking-[-0.02em]">{title}</h1>
        {children}
        <p className="mt-6 text-sm text-ink-3">Assent · act when sure, ask when not</p>
      </div>
    </main>
  );
}

export function TerminalLine({ command }: { command: string }) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(command);
    setCopied(true);
  };
  return (
    <div className="flex w-full items-center justify-between rounded-xl border border-line bg-sunken py-1.5 pr-1.5 pl-4 text-left">
      <code className="font-mono text-sm">
        <span aria-hidden="true" className="text-ink-3 select-none">
          ${" "}
        </span>
        {command}
      </code>
      <IconButton label={copied ? "Copied" : "Copy"} onClick={() => void copy()}>
        {copied ? (
          <Check size={16} aria-hidden="true" className="text-accent" />
        ) : (
          <Copy size={16} aria-hidden="true" />
        )}
      </IconButton>
    </div>
  );
}
