/** One step of a run: each attempt with its inputs, proposal, decision, output and error. */
import { Time } from "@/atoms/time";
import { graphql, unmask, type FragmentType } from "@/gql";
import type { StepPanelFragment } from "@/gql/graphql";
import { absoluteTime, duration, humanize, percent } from "@/lib/format";
import { isObject, type Json } from "@/lib/json";
import { Code, Facts, JsonFold } from "@/molecules/json-view";
import { Section } from "@/molecules/section";
import { RouteBadge, StepBadge } from "@/molecules/status";

import { ProposalView } from "./proposal-view";

const Fragment = graphql(`
  fragment StepPanel on StepRun {
    step
    item
    attempt
    status
    route
    inputs
    output
    error
    startedAt
    finishedAt
    proposal {
      confidence
      ...ProposalView
    }
    task {
      id
      status
      decision {
        verdict
        reason
        decidedBy
        decidedAt
        delivered
        payload
      }
    }
  }
`);

export type PanelStep = FragmentType<typeof Fragment>;

export function StepPanel({ runs }: { runs: PanelStep[] }) {
  const attempts = runs.map((run) => unmask(Fragment, run)).sort((a, b) => b.item - a.item || b.attempt - a.attempt);
  const [latest, ...earlier] = attempts;
  if (!latest) return <p className="text-sm text-ink-2">This step has not started.</p>;
  return (
    <div className="flex flex-col gap-7">
      <Attempt attempt={latest} />
      {earlier.length > 0 && (
        <Section title="Earlier attempts and items">
          <ul className="flex flex-col gap-2">
            {earlier.map((attempt) => (
              <li key={`${attempt.item}/${attempt.attempt}`} className="rounded-xl border border-line px-4 py-3">
                <details>
                  <summary className="list-none text-sm pointer-coarse:min-h-11">
                    <span className="flex items-center justify-between gap-3">
                      <span className="nums">
                        Item {attempt.item}, attempt {attempt.attempt}
                      </span>
                      <StepBadge status={attempt.status} />
                    </span>
                  </summary>
                  <div className="mt-4">
                    <Attempt attempt={attempt} />
                  </div>
                </details>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function took({ startedAt, finishedAt }: StepPanelFragment): string {
  if (!startedAt || !finishedAt) return "";
  return duration(new Date(finishedAt).getTime() - new Date(startedAt).getTime());
}

function Attempt({ attempt }: { attempt: StepPanelFragment }) {
  const { proposal, task } = attempt;
  return (
    <div className="flex flex-col gap-7">
      <div className="flex flex-wrap items-center gap-2">
        <StepBadge status={attempt.status} />
        {attempt.route && <RouteBadge route={attempt.route} />}
        <span className="nums text-sm text-ink-3">
          {[
            attempt.attempt > 1 && `attempt ${attempt.attempt}`,
            proposal && `${percent(proposal.confidence)} confidence`,
            took(attempt) && `took ${took(attempt)}`,
          ]
            .filter(Boolean)
            .join(" · ")}
        </span>
        {attempt.startedAt && (
          <span className="ml-auto text-sm text-ink-3">
            <Time at={attempt.startedAt} />
          </span>
        )}
      </div>
      {attempt.error && (
        <Section title="Error">
          <p
            role="alert"
            className="rounded-xl bg-danger-soft px-4 py-3 text-sm break-words whitespace-pre-wrap text-danger"
          >
            {attempt.error}
          </p>
        </Section>
      )}
      {task?.decision && <DecisionNote decision={task.decision} />}
      {proposal && <ProposalView proposal={proposal} />}
      <Value title="Inputs" value={attempt.inputs ?? null} />
      <Value title="Output" value={attempt.output ?? null} />
    </div>
  );
}

const VERDICTS = { APPROVE: "Approved", REJECT: "Rejected", EDIT: "Approved with changes" };

function DecisionNote({ decision }: { decision: NonNullable<NonNullable<StepPanelFragment["task"]>["decision"]> }) {
  return (
    <Section title="Decision">
      <div className="rounded-xl border border-line bg-surface px-4 py-3 text-sm">
        <p title={absoluteTime(decision.decidedAt)}>
          <span className="font-semibold">{VERDICTS[decision.verdict]}</span>
          <span className="text-ink-2"> by {decision.decidedBy || "someone"}, </span>
          <span className="text-ink-2">
            <Time at={decision.decidedAt} />
          </span>
          {!decision.delivered && <span className="text-ink-3"> · on its way to the run</span>}
        </p>
        {decision.reason && <p className="mt-1.5 text-ink-2">“{decision.reason}”</p>}
        {decision.payload != null && (
          <div className="mt-3">
            <Facts value={decision.payload} />
          </div>
        )}
      </div>
    </Section>
  );
}

/** Short objects as facts, everything else as JSON. */
export function Value({ title, value }: { title: string; value: Json }) {
  const nothing = value === null || (isObject(value) && Object.keys(value).length === 0);
  if (nothing) return null;
  const flat = isObject(value) && Object.values(value).every((content) => !Array.isArray(content));
  return (
    <Section title={humanize(title)}>
      {flat ? (
        <div className="rounded-xl border border-line bg-surface p-4">
          <Facts value={value} />
          <div className="mt-3">
            <JsonFold value={value} />
          </div>
        </div>
      ) : (
        <Code text={typeof value === "string" ? value : JSON.stringify(value, null, 2)} />
      )}
    </Section>
  );
}
