/** One workflow: start a run of it, and read how it works. */
import { useQuery } from "@tanstack/react-query";
import { ChevronLeft } from "lucide-react";
import { Link, useParams } from "react-router";

import { useApi } from "@/api/context";
import { keys } from "@/api/query-client";
import { Time } from "@/atoms/time";
import { graphql } from "@/gql";
import type { WorkflowQuery } from "@/gql/graphql";
import { Code } from "@/molecules/json-view";
import { Section } from "@/molecules/section";
import { ErrorState } from "@/molecules/states";
import { StartRun } from "@/organisms/start-run";

import { NotFound } from "./not-found-page";
import { Page, RowsSkeleton } from "./page";

const WorkflowDocument = graphql(`
  query Workflow($name: String!) {
    workflow(name: $name) {
      name
      description
      revision
      contentHash
      source
      inputSchema
      publishedAt
      steps {
        id
        kind
        uses
        needs
        level
      }
    }
  }
`);

type Workflow = NonNullable<WorkflowQuery["workflow"]>;

export default function WorkflowPage() {
  const { name = "" } = useParams();
  const api = useApi();
  const query = useQuery({
    queryKey: keys.workflow(name),
    queryFn: ({ signal }) => api.run(WorkflowDocument, { name }, signal),
  });
  if (query.isPending)
    return (
      <Page title={name}>
        <RowsSkeleton label="Loading the workflow" />
      </Page>
    );
  if (query.isError && !query.data) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  if (!query.data.workflow) return <NotFound what="workflow" />;
  return <WorkflowView workflow={query.data.workflow} />;
}

function WorkflowView({ workflow }: { workflow: Workflow }) {
  return (
    <Page
      title={workflow.name}
      above={
        <Link to="/workflows" className="inline-flex items-center gap-1 rounded hover:text-ink">
          <ChevronLeft size={15} aria-hidden="true" /> Workflows
        </Link>
      }
      note={
        <>
          {workflow.description && <p>{workflow.description}</p>}
          <p className="mt-2 text-sm text-ink-3">
            Revision {workflow.revision} · published <Time at={workflow.publishedAt} /> ·{" "}
            <span className="font-mono text-xs" title={workflow.contentHash}>
              {workflow.contentHash.slice(0, 12)}
            </span>
          </p>
        </>
      }
    >
      <div className="grid gap-10 lg:grid-cols-[minmax(0,1fr)_24rem] lg:gap-12">
        <section
          aria-labelledby="start"
          className="rounded-2xl border border-line bg-surface p-5 shadow-1 lg:order-2 lg:self-start lg:p-6"
        >
          <h2 id="start" className="mb-5 text-lg font-semibold tracking-tight">
            Start a run
          </h2>
          <StartRun key={workflow.contentHash} workflow={workflow.name} schema={workflow.inputSchema ?? null} />
        </section>
        <div className="flex min-w-0 flex-col gap-9">
          <Section title="Steps">
            <Steps steps={workflow.steps} />
          </Section>
          <Section title="Source">
            <Code text={workflow.source} tall />
          </Section>
        </div>
      </div>
    </Page>
  );
}

function Steps({ steps }: { steps: Workflow["steps"] }) {
  return (
    <ol className="divide-y divide-line overflow-hidden rounded-xl border border-line bg-surface">
      {steps.map((step) => (
        <li key={step.id} className="flex items-baseline gap-4 px-4 py-3 text-sm">
          <span className="nums w-4 shrink-0 text-ink-3" title={`Level ${step.level}`}>
            {step.level + 1}
          </span>
          <span className="min-w-0 flex-1">
            <span className="font-medium">{step.id}</span>
            {step.needs.length > 0 && <span className="text-ink-3"> after {step.needs.join(", ")}</span>}
          </span>
          <span className="shrink-0 text-ink-2">{step.uses || step.kind}</span>
        </li>
      ))}
    </ol>
  );
}
