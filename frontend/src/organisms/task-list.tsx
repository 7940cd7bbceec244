/** The pending tasks as a list of rows; the desk's left side. */
import { useEffect, useRef } from "react";

import { Time } from "@/atoms/time";
import { graphql, unmask, type FragmentType } from "@/gql";
import { cx } from "@/lib/cx";
import { headline } from "@/lib/headline";
import { Confidence } from "@/molecules/confidence";

const Fragment = graphql(`
  fragment TaskRow on Task {
    id
    createdAt
    proposal {
      title
      body
      payload
      confidence
    }
  }
`);

type RowTask = { id: string } & FragmentType<typeof Fragment>;

interface TaskListProps {
  tasks: RowTask[];
  current: string | null;
  onSelect: (id: string) => void;
}

export function TaskList({ tasks, current, onSelect }: TaskListProps) {
  return (
    <ul aria-label="Pending tasks" className="flex flex-col gap-0.5 p-2">
      {tasks.map((task) => (
        <li key={task.id}>
          <TaskRow task={task} current={task.id === current} onSelect={() => onSelect(task.id)} />
        </li>
      ))}
    </ul>
  );
}

function TaskRow({ task: masked, current, onSelect }: { task: RowTask; current: boolean; onSelect: () => void }) {
  const task = unmask(Fragment, masked);
  const row = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (current) row.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  return (
    <button
      ref={row}
      type="button"
      aria-current={current}
      onClick={onSelect}
      className={cx(
        "block w-full scroll-my-2 rounded-xl px-3 py-2.5 text-left transition-colors",
        current ? "bg-surface shadow-1 ring-1 ring-line-strong" : "hover:bg-sunken",
      )}
    >
      <span className="flex items-baseline justify-between gap-3">
        <span className="truncate text-sm font-medium">
          {headline(task.proposal.payload, task.proposal.title).text}
        </span>
        <Confidence value={task.proposal.confidence} compact />
      </span>
      <span className="mt-0.5 flex items-baseline justify-between gap-3">
        <span className="truncate text-sm text-ink-2">{task.proposal.body || task.proposal.title}</span>
        <span className="shrink-0 text-xs text-ink-3">
          <Time at={task.createdAt} />
        </span>
      </span>
    </button>
  );
}
