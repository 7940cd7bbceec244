/** All runs, newest first, live. The filter stands in the address. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { ListTree } from "lucide-react";
import { Link, useSearchParams } from "react-router";

import { useApi } from "@/api/context";
import { keys } from "@/api/query-client";
import { Button } from "@/atoms/button";
import { graphql } from "@/gql";
import type { RunStatus } from "@/gql/graphql";
import { Choices } from "@/molecules/choices";
import { EmptyState, ErrorState } from "@/molecules/states";
import { RUN_LOOKS } from "@/molecules/status";
import { RunTable } from "@/organisms/run-table";

import { Page, RowsSkeleton } from "./page";

const RunsDocument = graphql(`
  query Runs($first: Int!, $after: String, $status: RunStatus) {
    runs(first: $first, after: $after, status: $status) {
      pageInfo {
        endCursor
        hasNextPage
      }
      nodes {
        id
        ...RunRow
      }
    }
  }
`);

const PAGE = 50;
const FILTERS: RunStatus[] = ["RUNNING", "COMPLETED", "FAILED", "CANCELLED"];

function readStatus(text: string | null): RunStatus | null {
  return FILTERS.find((status) => status.toLowerCase() === text) ?? null;
}

export default function RunsPage() {
  const api = useApi();
  const [search, setSearch] = useSearchParams();
  const status = readStatus(search.get("status"));
  const query = useInfiniteQuery({
    queryKey: keys.runList(status),
    queryFn: ({ pageParam, signal }) => api.run(RunsDocument, { first: PAGE, after: pageParam, status }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ runs: { pageInfo } }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
  });
  const runs = query.data?.pages.flatMap((page) => page.runs.nodes) ?? [];
  const unique = [...new Map(runs.map((run) => [run.id, run])).values()];
  const options = [
    { value: "", word: "All" },
    ...FILTERS.map((one) => ({ value: one.toLowerCase(), word: RUN_LOOKS[one].word })),
  ];
  return (
    <Page
      title="Runs"
      aside={
        <Choices
          label="Status"
          options={options}
          value={status?.toLowerCase() ?? ""}
          onChange={(value) => setSearch(value ? { status: value } : {}, { replace: true })}
        />
      }
    >
      {query.isPending ? (
        <RowsSkeleton label="Loading runs" />
      ) : query.isError && !query.data ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : unique.length === 0 ? (
        <EmptyState
          icon={<ListTree size={40} strokeWidth={1.5} aria-hidden="true" />}
          title={status ? `No runs: ${RUN_LOOKS[status].word.toLowerCase()}` : "No runs yet"}
        >
          <p>
            Start one from its{" "}
            <Link to="/workflows" className="font-medium text-accent underline-offset-4 hover:underline">
              workflow
            </Link>
            .
          </p>
        </EmptyState>
      ) : (
        <>
          <RunTable runs={unique} />
          {query.hasNextPage && (
            <div className="mt-5 flex justify-center">
              <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>
                {query.isFetchingNextPage ? "Loading…" : "Load more"}
              </Button>
            </div>
          )}
        </>
      )}
    </Page>
  );
}
