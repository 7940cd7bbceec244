import type { ReactNode } from "react";

/** A titled part of a panel. */
export function Section({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section>
      <div className="mb-2.5 flex items-baseline justify-between gap-3">
        <h3 className="text-xs font-medium text-ink-3">{title}</h3>
        {aside}
      </div>
      {children}
    </section>
  );
}
