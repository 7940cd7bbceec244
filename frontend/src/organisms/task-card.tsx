/** One validation task on a card that fits the phone: enough to decide, details are a swipe away. */
import { ArrowUpRight, History } from "lucide-react";

import { Time } from "@/atoms/time";
import { graphql, unmask, type FragmentType } from "@/gql";
import { headline } from "@/lib/headline";
import { humanize, percent } from "@/lib/format";
import { Confidence } from "@/molecules/confidence";

import { actionSummary } from "./proposal-view";

const Fragment = graphql(`
  fragment TaskCard on Task {
    workflow
    step
    createdAt
    proposal {
      title
      body
      payload
      confidence
      evidence {
        kind
        text
        label
        similarity
      }
      preview {
        connector
        inputs
      }
    }
  }
`);

export type CardTask = FragmentType<typeof Fragment>;

export function TaskCard({ task: masked }: { task: CardTask }) {
  const { proposal, workflow, step, createdAt } = unmask(Fragment, masked);
  const { text } = headline(proposal.payload, proposal.title || humanize(step));
  const nearest = proposal.evidence[0];
  return (
    <article className="flex h-full flex-col overflow-hidden rounded-3xl border border-line bg-raised shadow-2">
      <div className="flex items-baseline justify-between gap-3 px-6 pt-5 text-xs text-ink-3">
        <span className="truncate">{workflow}</span>
        <Time at={createdAt} />
      </div>
      <div className="flex min-h-0 flex-1 items-center px-6 py-4">
        <p className="line-clamp-7 text-[1.375rem] leading-[1.4] tracking-[-0.012em] break-words whitespace-pre-line">
          {proposal.body || proposal.title}
        </p>
      </div>
      <div className="border-t border-line bg-sunken px-6 py-5">
        <p className="text-xs font-medium text-ink-3">Proposed</p>
        <p className="mt-0.5 line-clamp-2 text-xl font-semibold tracking-tight break-words">{text}</p>
        <div className="mt-2.5">
          <Confidence value={proposal.confidence} />
        </div>
        <div className="mt-4 flex flex-col gap-1.5 text-sm text-ink-2">
          {nearest && (
            <p className="flex items-baseline gap-2">
              <History size={14} aria-hidden="true" className="shrink-0 translate-y-0.5 text-ink-3" />
              <span className="truncate">
                <span className="sr-only">Nearest: </span>
                {nearest.text}
              </span>
              <span className="nums ml-auto shrink-0">{percent(Math.max(0, nearest.similarity))}</span>
            </p>
          )}
          {proposal.preview && (
            <p className="flex items-baseline gap-2">
              <ArrowUpRight size={14} aria-hidden="true" className="shrink-0 translate-y-0.5 text-ink-3" />
              <span className="truncate">
                <span className="sr-only">Then: </span>
                {actionSummary(proposal.preview.connector, proposal.preview.inputs)}
              </span>
            </p>
          )}
        </div>
      </div>
    </article>
  );
}
