/** Decisions that can still be undone, each with its countdown, and messages about what went wrong. */
import { Check, PencilLine, Undo2, X, type LucideIcon } from "lucide-react";

import { useDecisions, undoable, type DecisionEntry } from "@/api/decision-store";
import { UNDO_SECONDS, useDecide } from "@/api/decisions";
import { Button, IconButton } from "@/atoms/button";
import type { Verdict } from "@/gql/graphql";
import { cx } from "@/lib/cx";
import { useIsDesk, useNow } from "@/lib/hooks";
import { useToasts } from "@/lib/toasts";

const SAID: Record<Verdict, { word: string; icon: LucideIcon; tone: string }> = {
  APPROVE: { word: "Approved", icon: Check, tone: "text-accent" },
  EDIT: { word: "Approved with changes", icon: PencilLine, tone: "text-accent" },
  REJECT: { word: "Rejected", icon: X, tone: "text-danger" },
};
const AT_ONCE = { phone: 1, desk: 3 };
const box =
  "pointer-events-auto relative w-full animate-rise overflow-hidden rounded-2xl border border-line bg-raised shadow-3";

export function Toaster() {
  const entries = useDecisions((state) => state.entries);
  const { toasts, dismiss } = useToasts();
  const now = useNow(200, Object.keys(entries).length > 0);
  const { undo } = useDecide();
  const desk = useIsDesk();
  const open = undoable(entries, now);
  return (
    <div
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 top-[calc(env(safe-area-inset-top)+0.375rem)] z-60 mx-auto flex max-w-md flex-col items-center gap-2 px-3 lg:top-auto lg:right-6 lg:bottom-6 lg:left-auto lg:mx-0 lg:w-96 lg:px-0"
    >
      {toasts.map((toast) => (
        <div
          key={toast.id}
          role={toast.tone === "danger" ? "alert" : undefined}
          className={cx(box, "flex items-start gap-3 py-3 pr-2 pl-4")}
        >
          <div className="min-w-0 flex-1 py-1">
            <p className={cx("text-sm font-semibold", toast.tone === "danger" && "text-danger")}>{toast.title}</p>
            {toast.detail && <p className="mt-0.5 text-sm text-ink-2">{toast.detail}</p>}
          </div>
          <IconButton label="Dismiss" onClick={() => dismiss(toast.id)}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        </div>
      ))}
      {open.slice(0, desk ? AT_ONCE.desk : AT_ONCE.phone).map((entry) => (
        <DecisionToast key={entry.task.id} entry={entry} now={now} onUndo={() => void undo(entry.task.id)} />
      ))}
    </div>
  );
}

function DecisionToast({ entry, now, onUndo }: { entry: DecisionEntry; now: number; onUndo: () => void }) {
  const { word, icon: Icon, tone } = SAID[entry.verdict];
  const seconds = Math.min(UNDO_SECONDS, Math.max(1, Math.ceil((entry.undoUntil - now) / 1000)));
  return (
    <div className={cx(box, "flex items-center gap-3 py-2 pr-2 pl-4")}>
      <Icon size={17} aria-hidden="true" className={cx("shrink-0", tone)} />
      <p className="min-w-0 flex-1 truncate text-sm">
        <span className="font-semibold">{word}</span> <span className="text-ink-2">{entry.subject}</span>
      </p>
      <Button size="sm" tone="quiet" onClick={onUndo} className="text-ink">
        <Undo2 size={15} aria-hidden="true" />
        Undo
        <span aria-hidden="true" className="nums w-3 text-right text-ink-3">
          {seconds}
        </span>
      </Button>
      <span aria-hidden="true" className={cx("absolute inset-x-0 bottom-0 h-0.5 animate-drain bg-current", tone)} />
    </div>
  );
}
