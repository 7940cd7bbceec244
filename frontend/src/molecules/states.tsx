/** What stands where there is nothing to show: empty, failed. */
import { CloudOff, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";

import { Button } from "@/atoms/button";
import { asApiError } from "@/api/errors";

export function EmptyState({ icon, title, children }: { icon: ReactNode; title: string; children: ReactNode }) {
  return (
    <div className="mx-auto flex max-w-sm animate-rise flex-col items-center px-6 py-16 text-center">
      <div className="mb-5 text-accent">{icon}</div>
      <h2 className="text-lg font-semibold tracking-tight">{title}</h2>
      <div className="mt-1.5 text-ink-2">{children}</div>
    </div>
  );
}

export function ErrorState({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { message, hint, code } = asApiError(error);
  const Icon = code === "network" ? CloudOff : TriangleAlert;
  return (
    <div role="alert" className="mx-auto flex max-w-sm animate-rise flex-col items-center px-6 py-16 text-center">
      <Icon size={28} aria-hidden="true" className="mb-4 text-danger" />
      <h2 className="text-lg font-semibold tracking-tight">{message}</h2>
      {hint && <p className="mt-1.5 text-ink-2">{hint}</p>}
      <Button className="mt-5" onClick={onRetry}>
        Try again
      </Button>
    </div>
  );
}
