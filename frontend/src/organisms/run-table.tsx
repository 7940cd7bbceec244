/** Runs as a table on the desk and as rows to tap on the phone. */
import { ChevronRight } from "lucide-react";
import { Link } from "react-router";

import { Time } from "@/atoms/time";
import { graphql, unmask, type FragmentType } from "@/gql";
import type { RunRowFragment } from "@/gql/graphql";
import { duration, humanize, shortId } from "@/lib/format";
import { useNow } from "@/lib/hooks";
import { RunBadge } from "@/molecules/status";

const Fragment = graphql(`
  fragment RunRow on Run {
    id
    workflow
    revision
    status
    startedAt
    finishedAt
    waitingFor
  }
`);

type RowRun = { id: string } & FragmentType<typeof Fragment>;

const open = (run: RunRowFragment) => run.finishedAt === null;

function took(run: RunRowFragment, now: number): string {
  const end = run.finishedAt === null ? now : new Date(run.finishedAt).getTime();
  return duration(end - new Date(run.startedAt).getTime());
}

export function RunTable({ runs: masked }: { runs: RowRun[] }) {
  const runs = masked.map((run) => unmask(Fragment, run));
  const now = useNow(1000, runs.some(open));
  return (
    <div role="table" aria-label="Runs" className="overflow-hidden rounded-2xl border border-line bg-surface shadow-1">
      <div
        role="row"
        className="hidden border-b border-line px-5 py-2.5 text-xs font-medium text-ink-3 lg:grid lg:grid-cols-(--run-columns)"
      >
        {["Workflow", "Status", "Waits for", "Started", "Took"].map((name) => (
          <span role="columnheader" key={name} className="last:text-right">
            {name}
          </span>
        ))}
      </div>
      {runs.map((run) => (
        <div
          role="row"
          key={run.id}
          className="relative grid grid-cols-[1fr_auto] items-center gap-x-4 gap-y-1 border-b border-line px-4 py-3.5 transition-colors last:border-b-0 hover:bg-sunken lg:grid-cols-(--run-columns) lg:px-5 lg:py-3"
        >
          <span role="cell" className="min-w-0">
            <Link
              to={`/runs/${run.id}`}
              className="block truncate font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
            >
              {run.workflow}
            </Link>
            <span className="block truncate font-mono text-xs text-ink-3" title={run.id}>
              {shortId(run.id)} · rev {run.revision}
            </span>
          </span>
          <span role="cell" className="justify-self-end lg:justify-self-start">
            <RunBadge status={run.status} waiting={run.waitingFor.length > 0} />
          </span>
          <span role="cell" className="hidden truncate text-sm text-ink-2 lg:block">
            {run.waitingFor.length > 0 ? (
              run.waitingFor.map(humanize).join(", ")
            ) : (
              <span className="text-ink-3">–</span>
            )}
          </span>
          <span role="cell" className="text-sm text-ink-3 lg:text-ink-2">
            <Time at={run.startedAt} />
          </span>
          <span role="cell" className="nums flex items-center justify-end gap-1 text-sm text-ink-2">
            {took(run, now)}
            <ChevronRight size={15} aria-hidden="true" className="text-ink-3 lg:hidden" />
          </span>
        </div>
      ))}
    </div>
  );
}
