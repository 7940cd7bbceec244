/** One run: its plan as a graph, and whatever the chosen step knows. The choice stands in the address. */
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft, ExternalLink } from "lucide-react";
import { lazy, Suspense, useMemo } from "react";
import { Link, useParams, useSearchParams } from "react-router";

import { useApi } from "@/api/context";
import { keys } from "@/api/query-client";
import { buttonClass } from "@/atoms/button";
import { Skeleton } from "@/atoms/skeleton";
import { Time } from "@/atoms/time";
import { graphql } from "@/gql";
import type { RunQuery } from "@/gql/graphql";
import { cx } from "@/lib/cx";
import { duration } from "@/lib/format";
import { useIsDesk, useNow } from "@/lib/hooks";
import { canvasHeight } from "@/lib/plan";
import { Code } from "@/molecules/json-view";
import { Section } from "@/molecules/section";
import { ErrorState } from "@/molecules/states";
import { RunBadge, STEP_LOOKS } from "@/molecules/status";
import { CancelRun } from "@/organisms/cancel-run";
import type { GraphStep } from "@/organisms/plan-graph";
import { StepPanel, Value } from "@/organisms/step-panel";

import { NotFound } from "./not-found-page";
import { Page, RowsSkeleton } from "./page";

const PlanGraph = lazy(() => import("@/organisms/plan-graph"));

const RunDocument = graphql(`
  query Run($id: ID!) {
    run(id: $id) {
      id
      workflow
      revision
      status
      input
      outputs
      error
      startedBy
      startedAt
      finishedAt
      waitingFor
      temporalUrl
      plan {
        id
        kind
        uses
        needs
        level
      }
      steps {
        step
        item
        attempt
        status
        ...StepPanel
      }
    }
  }
`);

type Run = NonNullable<RunQuery["run"]>;

/** The plan with the state of each step: its worst open item, else its latest attempt. */
function graphSteps(run: Run): GraphStep[] {
  return run.plan.map((step) => {
    const own = run.steps.filter((one) => one.step === step.id);
    const latest = own.filter((one) => !own.some((other) => other.item === one.item && other.attempt > one.attempt));
    const telling =
      latest.find((one) => one.status === "FAILED") ??
      latest.find((one) => one.status === "WAITING") ??
      latest.find((one) => one.status === "RUNNING");
    return { ...step, status: (telling ?? latest.at(-1))?.status ?? "PENDING" };
  });
}

/** What someone who opens the run wants to see first: what waits or failed, else the last step that has anything to show. */
function firstLook(steps: GraphStep[]): string | null {
  const telling = steps.find((step) => step.status === "WAITING") ?? steps.find((step) => step.status === "FAILED");
  return (telling ?? steps.findLast((step) => step.status !== "PENDING") ?? steps[0])?.id ?? null;
}

export default function RunPage() {
  const { id = "" } = useParams();
  const api = useApi();
  const query = useQuery({ queryKey: keys.run(id), queryFn: ({ signal }) => api.run(RunDocument, { id }, signal) });
  if (query.isPending)
    return (
      <Page title="Run">
        <RowsSkeleton label="Loading the run" />
      </Page>
    );
  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data.run) return <NotFound what="run" />;
  return <RunView run={query.data.run} />;
}

function RunView({ run }: { run: Run }) {
  const desk = useIsDesk();
  const [search, setSearch] = useSearchParams();
  const steps = useMemo(() => graphSteps(run), [run]);
  const current = search.get("step") ?? firstLook(steps);
  const select = (step: string) => step !== current && setSearch({ step }, { replace: true });
  return (
    <Page
      title={run.workflow}
      above={
        <Link to="/runs" className="inline-flex items-center gap-1 rounded hover:text-ink">
          <ChevronLeft size={15} aria-hidden="true" /> Runs
        </Link>
      }
      note={<RunFacts run={run} />}
      aside={
        <div className="flex flex-wrap gap-2">
          {run.temporalUrl && /^https?:/.test(run.temporalUrl) && (
            <a href={run.temporalUrl} target="_blank" rel="noreferrer" className={buttonClass("neutral")}>
              Temporal <ExternalLink size={14} aria-hidden="true" />
              <span className="sr-only">(opens in a new tab)</span>
            </a>
          )}
          {run.finishedAt === null && <CancelRun id={run.id} workflow={run.workflow} />}
        </div>
      }
    >
      {run.error && (
        <p
          role="alert"
          className="mb-6 rounded-xl bg-danger-soft px-4 py-3 text-sm break-words whitespace-pre-wrap text-danger"
        >
          {run.error}
        </p>
      )}
      <div
        className="relative mb-8 overflow-hidden rounded-2xl border border-line bg-sunken"
        style={{ height: canvasHeight(steps, !desk) }}
      >
        <Suspense fallback={<Skeleton className="h-full rounded-none" />}>
          <PlanGraph steps={steps} current={current} vertical={!desk} onSelect={select} />
        </Suspense>
      </div>
      <div className="grid gap-8 lg:grid-cols-[15rem_1fr] lg:gap-12">
        <StepList steps={steps} current={current} onSelect={select} />
        <div className="min-w-0">
          {current && (
            <section aria-label={`Step ${current}`}>
              <h2 className="mb-4 text-lg font-semibold tracking-tight">{current}</h2>
              <StepPanel key={current} runs={run.steps.filter((step) => step.step === current)} />
            </section>
          )}
          <div className="mt-12 flex flex-col gap-7 border-t border-line pt-8">
            <Value title="Input of the run" value={run.input ?? null} />
            {run.finishedAt !== null && run.outputs != null && (
              <Section title="Outputs of the run">
                <Code text={JSON.stringify(run.outputs, null, 2)} />
              </Section>
            )}
          </div>
        </div>
      </div>
    </Page>
  );
}

function RunFacts({ run }: { run: Run }) {
  const running = run.finishedAt === null;
  const now = useNow(1000, running);
  const end = run.finishedAt === null ? now : new Date(run.finishedAt).getTime();
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 text-sm">
      <RunBadge status={run.status} waiting={run.waitingFor.length > 0} />
      <span>Revision {run.revision}</span>
      <span>
        Started <Time at={run.startedAt} />
        {run.startedBy && ` by ${run.startedBy}`}
      </span>
      <span className="nums">
        {running ? "For" : "Took"} {duration(end - new Date(run.startedAt).getTime())}
      </span>
      <span className="font-mono text-xs break-all text-ink-3">{run.id}</span>
    </div>
  );
}

function StepList({
  steps,
  current,
  onSelect,
}: {
  steps: GraphStep[];
  current: string | null;
  onSelect: (id: string) => void;
}) {
  return (
    <nav aria-label="Steps">
      <ol className="flex gap-1 max-lg:-mx-1 max-lg:overflow-x-auto max-lg:p-1 lg:sticky lg:top-6 lg:flex-col">
        {steps.map((step) => {
          const look = STEP_LOOKS[step.status];
          return (
            <li key={step.id} className="shrink-0">
              <button
                type="button"
                aria-current={step.id === current ? "step" : undefined}
                onClick={() => onSelect(step.id)}
                className={cx(
                  "flex w-full items-center gap-3 rounded-xl px-3 py-2 text-left text-sm transition-colors",
                  step.id === current
                    ? "bg-surface font-medium shadow-1 ring-1 ring-line-strong"
                    : "text-ink-2 hover:bg-sunken",
                )}
              >
                <look.icon size={16} aria-hidden="true" className="shrink-0" />
                <span className="min-w-0">
                  <span className="block truncate">{step.id}</span>
                  <span className="block text-xs font-normal text-ink-3">{look.word}</span>
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
