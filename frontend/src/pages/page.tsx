/** The frame of a scrolling page: a width, a title, and room for actions. */
import type { ReactNode } from "react";

import { Skeleton } from "@/atoms/skeleton";
import { useTitle } from "@/lib/hooks";

interface PageProps {
  title: string;
  above?: ReactNode;
  note?: ReactNode;
  aside?: ReactNode;
  children: ReactNode;
}

export function Page({ title, above, note, aside, children }: PageProps) {
  useTitle(title);
  return (
    <div className="scroll-thin h-full overflow-y-auto">
      <div className="mx-auto max-w-6xl px-4 pt-6 pb-16 lg:px-8 lg:pt-10">
        {above && <div className="mb-3 text-sm text-ink-3">{above}</div>}
        <div className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-4">
          <div className="min-w-0">
            <h1 className="text-2xl font-semibold tracking-[-0.02em] break-words">{title}</h1>
            {note && <div className="mt-1.5 max-w-2xl text-ink-2">{note}</div>}
          </div>
          {aside}
        </div>
        {children}
      </div>
    </div>
  );
}

export function RowsSkeleton({ label }: { label: string }) {
  return (
    <div role="status" aria-label={label} className="divide-y divide-line rounded-2xl border border-line bg-surface">
      {[1, 2, 3, 4, 5, 6].map((row) => (
        <div key={row} className="flex items-center justify-between gap-6 px-5 py-4.5">
          <Skeleton className="h-4 w-44" />
          <Skeleton className="h-4 w-20" />
        </div>
      ))}
    </div>
  );
}
