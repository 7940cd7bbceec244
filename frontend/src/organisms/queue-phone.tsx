/** The queue on the phone: the deck, a button for each gesture, and the details as a sheet. */
import { Check, ChevronUp, PencilLine, Undo2, X, type LucideIcon } from "lucide-react";
import { useState } from "react";

import type { QueueTask } from "@/api/queue";
import { Button } from "@/atoms/button";
import { cx } from "@/lib/cx";
import { count } from "@/lib/format";
import { useKeys } from "@/lib/hooks";
import type { Swipe } from "@/lib/swipe";
import { Dialog } from "@/molecules/dialog";

import { Deck, type Leaving } from "./deck";
import type { QueueActions } from "./queue-desk";
import { TaskDetail } from "./task-detail";

interface QueuePhoneProps {
  tasks: QueueTask[];
  total: number;
  current: QueueTask;
  leaving: Leaving;
  canUndo: boolean;
  actions: QueueActions & { rejectNow: (task: QueueTask) => void };
}

export function QueuePhone({ tasks, total, current, leaving, canUndo, actions }: QueuePhoneProps) {
  const [details, setDetails] = useState(false);
  const perform = (swipe: Swipe) => {
    if (swipe === "approve") actions.approve(current);
    else if (swipe === "reject") actions.rejectNow(current);
    else setDetails(true);
  };
  useKeys({
    ArrowRight: () => perform("approve"),
    a: () => perform("approve"),
    ArrowLeft: () => perform("reject"),
    r: () => actions.reject(current),
    ArrowUp: () => setDetails(true),
    e: () => actions.edit(current),
  });
  const decideFrom = (action: (task: QueueTask) => void) => {
    setDetails(false);
    action(current);
  };
  return (
    <div className="mx-auto flex h-full max-w-lg flex-col overflow-hidden px-4 pt-3">
      <div className="flex items-baseline justify-between px-1 pb-3">
        <h1 className="text-base font-semibold tracking-tight">Waiting for you</h1>
        <span className="nums text-sm text-ink-3">{count(total)}</span>
      </div>
      <div className="min-h-0 flex-1 pb-7">
        <Deck tasks={[current, ...tasks.filter((task) => task !== current)]} leaving={leaving} onSwipe={perform} />
      </div>
      <div className="flex items-center justify-center gap-4 pt-2 pb-4">
        <Round label="Undo" icon={Undo2} onClick={actions.undo} disabled={!canUndo} />
        <Round label="Reject" icon={X} large className="text-danger" onClick={() => perform("reject")} />
        <Round label="Details" icon={ChevronUp} onClick={() => perform("details")} />
        <Round
          label="Approve"
          icon={Check}
          large
          className="border-accent bg-accent text-on-accent"
          onClick={() => perform("approve")}
        />
        <Round label="Change" icon={PencilLine} onClick={() => actions.edit(current)} />
      </div>
      <Dialog
        open={details}
        onClose={() => setDetails(false)}
        title="Details"
        wide
        footer={
          <div className="grid w-full grid-cols-3 gap-2">
            <Button tone="danger" size="lg" className="px-3" onClick={() => decideFrom(actions.reject)}>
              Reject…
            </Button>
            <Button size="lg" className="px-3" onClick={() => decideFrom(actions.edit)}>
              Change
            </Button>
            <Button tone="primary" size="lg" className="px-3" onClick={() => decideFrom(actions.approve)}>
              Approve
            </Button>
          </div>
        }
      >
        <TaskDetail task={current} />
      </Dialog>
    </div>
  );
}

interface RoundProps {
  label: string;
  icon: LucideIcon;
  onClick: () => void;
  large?: boolean;
  disabled?: boolean;
  className?: string;
}

function Round({ label, icon: Icon, onClick, large = false, disabled = false, className }: RoundProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={disabled}
      onClick={onClick}
      className={cx(
        "grid place-items-center rounded-full border shadow-2 transition-transform active:scale-90 disabled:opacity-40 disabled:shadow-none",
        large ? "size-16" : "size-12",
        className ?? "text-ink-2",
        !className?.includes("bg-") && "border-line bg-raised",
      )}
    >
      <Icon size={large ? 28 : 20} strokeWidth={large ? 2.4 : 2} aria-hidden="true" />
    </button>
  );
}
