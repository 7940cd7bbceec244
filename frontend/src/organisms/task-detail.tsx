/** One validation task in full; the decision's buttons are given by whoever shows it. */
import { ArrowUpRight } from "lucide-react";
import { Link } from "react-router";

import { Time } from "@/atoms/time";
import { graphql, unmask, type FragmentType } from "@/gql";
import { humanize } from "@/lib/format";

import { ProposalView } from "./proposal-view";

const Fragment = graphql(`
  fragment TaskDetail on Task {
    runId
    workflow
    step
    createdAt
    expiresAt
    proposal {
      title
      ...ProposalView
    }
  }
`);

export function TaskDetail({ task: masked, large = false }: { task: FragmentType<typeof Fragment>; large?: boolean }) {
  const task = unmask(Fragment, masked);
  return (
    <article aria-label={task.proposal.title || humanize(task.step)}>
      <div className="mb-4 flex flex-wrap items-center gap-x-2 gap-y-1 text-sm text-ink-3">
        <span className="font-medium text-ink-2">{task.proposal.title || humanize(task.step)}</span>
        <span aria-hidden="true">·</span>
        <Link
          to={`/runs/${task.runId}`}
          className="inline-flex items-center gap-0.5 rounded hover:text-ink hover:underline"
        >
          {task.workflow}
          <ArrowUpRight size={13} aria-hidden="true" />
        </Link>
        <span aria-hidden="true">·</span>
        <Time at={task.createdAt} />
        {task.expiresAt && (
          <>
            <span aria-hidden="true">·</span>
            <span>
              expires <Time at={task.expiresAt} />
            </span>
          </>
        )}
      </div>
      <ProposalView proposal={task.proposal} large={large} />
    </article>
  );
}
