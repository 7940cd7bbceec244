/** The validation queue: pages of pending tasks, without those that were just decided here. */
import { useInfiniteQuery, type InfiniteData } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";

import { graphql } from "@/gql";
import type { QueueQuery } from "@/gql/graphql";

import { useApi } from "./context";
import { useDecisions } from "./decision-store";
import { keys } from "./query-client";

export type QueueTask = QueueQuery["tasks"]["nodes"][number];
export type QueueData = InfiniteData<QueueQuery, string | null>;

const PAGE = 50;
const LOW = 10;

const QueueDocument = graphql(`
  query Queue($first: Int!, $after: String) {
    tasks(first: $first, after: $after) {
      totalCount
      pageInfo {
        endCursor
        hasNextPage
      }
      nodes {
        id
        createdAt
        proposal {
          contentHash
          title
          payload
          payloadSchema
        }
        ...TaskRow
        ...TaskCard
        ...TaskDetail
      }
    }
  }
`);

export function useQueue() {
  const api = useApi();
  const decided = useDecisions((state) => state.entries);
  const query = useInfiniteQuery({
    queryKey: keys.tasks,
    queryFn: ({ pageParam, signal }) => api.run(QueueDocument, { first: PAGE, after: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ tasks: { pageInfo } }) => (pageInfo.hasNextPage ? pageInfo.endCursor : null),
  });
  const loaded = useMemo(() => query.data?.pages.flatMap((page) => page.tasks.nodes) ?? [], [query.data]);
  const tasks = useMemo(() => {
    // Pages shift while tasks are decided, so the same task can come twice.
    const unique = new Map(loaded.map((task) => [task.id, task]));
    return [...unique.values()].filter((task) => !(task.id in decided));
  }, [loaded, decided]);
  const hidden = loaded.length - tasks.length;
  const total = Math.max(tasks.length, (query.data?.pages.at(-1)?.tasks.totalCount ?? 0) - hidden);

  const { hasNextPage, isFetching, fetchNextPage } = query;
  useEffect(() => {
    if (tasks.length < LOW && hasNextPage && !isFetching) void fetchNextPage();
  }, [tasks.length, hasNextPage, isFetching, fetchNextPage]);

  return { query, tasks, total };
}

/** Puts a task back where it was, if loading again had already dropped it. */
export function withTask(data: QueueData | undefined, task: QueueTask): QueueData | undefined {
  const first = data?.pages[0];
  if (!data || !first || data.pages.some((page) => page.tasks.nodes.some((node) => node.id === task.id))) return data;
  const nodes = [...first.tasks.nodes, task].sort((a, b) => a.createdAt.localeCompare(b.createdAt));
  const tasks = { ...first.tasks, nodes, totalCount: first.tasks.totalCount + 1 };
  return { ...data, pages: [{ ...first, tasks }, ...data.pages.slice(1)] };
}
