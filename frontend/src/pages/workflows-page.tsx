/** All published workflows. */
import { useQuery } from "@tanstack/react-query";
import { ChevronRight, Workflow as WorkflowIcon } from "lucide-react";
import { Link } from "react-router";

import { useApi } from "@/api/context";
import { keys } from "@/api/query-client";
import { Badge } from "@/atoms/badge";
import { Time } from "@/atoms/time";
import { graphql } from "@/gql";
import type { WorkflowsQuery } from "@/gql/graphql";
import { count } from "@/lib/format";
import { EmptyState, ErrorState } from "@/molecules/states";

import { Page, RowsSkeleton } from "./page";

const WorkflowsDocument = graphql(`
  query Workflows {
    workflows {
      name
      description
      revision
      publishedAt
      pendingTasks
      steps {
        id
      }
    }
  }
`);

export default function WorkflowsPage() {
  const api = useApi();
  const query = useQuery({ queryKey: keys.workflows, queryFn: ({ signal }) => api.run(WorkflowsDocument, {}, signal) });
  return (
    <Page title="Workflows">
      {query.isPending ? (
        <RowsSkeleton label="Loading workflows" />
      ) : query.isError && !query.data ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data.workflows.length === 0 ? (
        <EmptyState icon={<WorkflowIcon size={40} strokeWidth={1.5} aria-hidden="true" />} title="No workflows yet">
          <p>
            Publish one from a terminal: <code className="font-mono text-sm text-ink">assent publish FILE</code>
          </p>
        </EmptyState>
      ) : (
        <ul className="overflow-hidden rounded-2xl border border-line bg-surface shadow-1">
          {query.data.workflows.map((workflow) => (
            <Row key={workflow.name} workflow={workflow} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function Row({ workflow }: { workflow: WorkflowsQuery["workflows"][number] }) {
  return (
    <li className="relative flex items-center gap-4 border-b border-line px-5 py-4 transition-colors last:border-b-0 hover:bg-sunken">
      <div className="min-w-0 flex-1">
        <Link
          to={`/workflows/${encodeURIComponent(workflow.name)}`}
          className="font-medium after:absolute after:inset-0 focus-visible:outline-none focus-visible:after:outline-2 focus-visible:after:-outline-offset-2 focus-visible:after:outline-accent"
        >
          {workflow.name}
        </Link>
        {workflow.description && <p className="mt-0.5 text-sm text-ink-2">{workflow.description}</p>}
        <p className="mt-1 text-xs text-ink-3">
          Revision {workflow.revision} · {workflow.steps.length} {workflow.steps.length === 1 ? "step" : "steps"} ·
          published <Time at={workflow.publishedAt} />
        </p>
      </div>
      {workflow.pendingTasks > 0 && (
        <Badge tone="warn">
          <span className="nums">{count(workflow.pendingTasks)}</span> waiting
        </Badge>
      )}
      <ChevronRight size={16} aria-hidden="true" className="shrink-0 text-ink-3" />
    </li>
  );
}
