/** The validation queue, the home of the app. */
import { CheckCheck } from "lucide-react";
import { useState, type ComponentProps } from "react";
import { Link } from "react-router";

import { undoable, useDecisions } from "@/api/decision-store";
import { useDecide, type Choice } from "@/api/decisions";
import { useQueue, type QueueTask } from "@/api/queue";
import { Skeleton } from "@/atoms/skeleton";
import { headline } from "@/lib/headline";
import { useIsDesk, useKeys, useNow, useTitle } from "@/lib/hooks";
import { EmptyState, ErrorState } from "@/molecules/states";
import { EditDialog, RejectDialog } from "@/organisms/decision-dialogs";
import type { Leaving } from "@/organisms/deck";
import { QueueDesk } from "@/organisms/queue-desk";
import { QueuePhone } from "@/organisms/queue-phone";

interface Asking {
  what: "edit" | "reject";
  task: QueueTask;
}

/** The task at the same place of the list once the current one is gone. */
function pick(tasks: QueueTask[], id: string | null, place: number): QueueTask | undefined {
  return tasks.find((task) => task.id === id) ?? tasks[Math.min(place, tasks.length - 1)];
}

export default function QueuePage() {
  useTitle("Queue");
  const desk = useIsDesk();
  const { query, tasks, total } = useQueue();
  const { decide, undo } = useDecide();
  const entries = useDecisions((state) => state.entries);
  const now = useNow(500, Object.keys(entries).length > 0);
  const [selection, setSelection] = useState<{ id: string | null; place: number }>({ id: null, place: 0 });
  const [asking, setAsking] = useState<Asking | null>(null);
  const [leaving, setLeaving] = useState<Leaving>("approve");

  const latest = undoable(entries, now)[0];
  const undoLatest = () => {
    if (!latest) return;
    setSelection({ id: latest.task.id, place: 0 });
    void undo(latest.task.id);
  };
  useKeys({ u: undoLatest });

  const settle = (task: QueueTask, choice: Choice) => {
    setAsking(null);
    setLeaving(choice.verdict === "REJECT" ? "reject" : "approve");
    const place = Math.max(0, tasks.indexOf(task));
    setSelection({ id: (tasks[place + 1] ?? tasks[place - 1])?.id ?? null, place });
    const subject = headline(choice.payload ?? task.proposal.payload, task.proposal.title).text;
    decide(task, subject, choice);
  };

  const current = pick(tasks, selection.id, selection.place);
  // Pinned: a task that comes back or arrives must not slip under a finger that is about to decide.
  if (current && current.id !== selection.id) setSelection({ id: current.id, place: tasks.indexOf(current) });
  const actions = {
    approve: (task: QueueTask) => settle(task, { verdict: "APPROVE" }),
    reject: (task: QueueTask) => setAsking({ what: "reject", task }),
    rejectNow: (task: QueueTask) => settle(task, { verdict: "REJECT" }),
    edit: (task: QueueTask) => setAsking({ what: "edit", task }),
    undo: undoLatest,
  };

  if (query.isPending) return desk ? <DeskSkeleton /> : <PhoneSkeleton />;
  if (query.isError && !query.data) return <Failed error={query.error} onRetry={() => void query.refetch()} />;
  if (!current) return query.isFetching && query.hasNextPage ? <PhoneSkeleton /> : <NothingWaits />;
  return (
    <>
      {desk ? (
        <QueueDesk
          tasks={tasks}
          total={total}
          current={current}
          onSelect={(id) => setSelection({ id, place: tasks.findIndex((task) => task.id === id) })}
          actions={actions}
          hasMore={query.hasNextPage}
          onMore={() => void query.fetchNextPage()}
        />
      ) : (
        <QueuePhone
          tasks={tasks}
          total={total}
          current={current}
          leaving={leaving}
          canUndo={latest !== undefined}
          actions={actions}
        />
      )}
      <EditDialog
        open={asking?.what === "edit"}
        onClose={() => setAsking(null)}
        payload={asking?.task.proposal.payload ?? {}}
        schema={asking?.task.proposal.payloadSchema ?? null}
        onSave={(payload, changed) =>
          asking && settle(asking.task, changed ? { verdict: "EDIT", payload } : { verdict: "APPROVE" })
        }
      />
      <RejectDialog
        open={asking?.what === "reject"}
        onClose={() => setAsking(null)}
        onReject={(reason) => asking && settle(asking.task, { verdict: "REJECT", reason })}
      />
    </>
  );
}

function Failed(props: ComponentProps<typeof ErrorState>) {
  return (
    <div className="grid h-full place-items-center">
      <ErrorState {...props} />
    </div>
  );
}

function NothingWaits() {
  return (
    <div className="grid h-full place-items-center">
      <EmptyState icon={<CheckCheck size={40} strokeWidth={1.5} aria-hidden="true" />} title="Nothing waits for you">
        <p>
          When a step is not sure, it asks here. Meanwhile, see what{" "}
          <Link to="/runs" className="font-medium text-accent underline-offset-4 hover:underline">
            is running
          </Link>
          .
        </p>
      </EmptyState>
    </div>
  );
}

function PhoneSkeleton() {
  return (
    <div role="status" aria-label="Loading the queue" className="mx-auto flex h-full max-w-lg flex-col gap-4 p-4">
      <Skeleton className="h-6 w-32" />
      <Skeleton className="flex-1 rounded-3xl" />
      <Skeleton className="mx-auto h-16 w-72 rounded-full" />
    </div>
  );
}

function DeskSkeleton() {
  return (
    <div role="status" aria-label="Loading the queue" className="grid h-full grid-cols-[22rem_1fr]">
      <div className="flex flex-col gap-5 border-r border-line p-5">
        {[1, 2, 3, 4, 5, 6].map((row) => (
          <div key={row} className="flex flex-col gap-2">
            <Skeleton className="h-4 w-40" />
            <Skeleton className="h-4 w-64" />
          </div>
        ))}
      </div>
      <div className="mx-auto flex w-full max-w-2xl flex-col gap-5 px-8 pt-10">
        <Skeleton className="h-4 w-56" />
        <Skeleton className="h-24 w-full" />
        <Skeleton className="h-24 w-full rounded-2xl" />
        <Skeleton className="h-40 w-full rounded-xl" />
      </div>
    </div>
  );
}
