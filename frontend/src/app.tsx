/** The app: its providers, its live connection and its routes. Give it other seams to run it without a server. */
import { QueryClientProvider, type QueryClient } from "@tanstack/react-query";
import { lazy, useEffect } from "react";
import { Navigate, Route, Routes } from "react-router";

import type { ApiClient } from "@/api/client";
import { ApiProvider } from "@/api/context";
import { useDecisions } from "@/api/decision-store";
import { createRefresher, type ConnectLive } from "@/api/live";
import { useSession } from "@/lib/session";
import { AppShell } from "@/organisms/app-shell";
import { Boundary } from "@/pages/boundary";
import { NotFound } from "@/pages/not-found-page";
import QueuePage from "@/pages/queue-page";
import SignInPage, { SignedOut } from "@/pages/sign-in-page";

const RunsPage = lazy(() => import("@/pages/runs-page"));
const RunPage = lazy(() => import("@/pages/run-page"));
const WorkflowsPage = lazy(() => import("@/pages/workflows-page"));
const WorkflowPage = lazy(() => import("@/pages/workflow-page"));

export interface Seams {
  api: ApiClient;
  queries: QueryClient;
  connectLive: ConnectLive;
}

export function App({ api, queries, connectLive }: Seams) {
  return (
    <Boundary>
      <ApiProvider value={api}>
        <QueryClientProvider client={queries}>
          <Routes>
            <Route path="/sign-in" element={<SignInPage />} />
            <Route element={<SignedIn queries={queries} connectLive={connectLive} />}>
              <Route index element={<Navigate to="/queue" replace />} />
              <Route path="/queue" element={<QueuePage />} />
              <Route path="/runs" element={<RunsPage />} />
              <Route path="/runs/:id" element={<RunPage />} />
              <Route path="/workflows" element={<WorkflowsPage />} />
              <Route path="/workflows/:name" element={<WorkflowPage />} />
              <Route path="*" element={<NotFound what="page" />} />
            </Route>
          </Routes>
        </QueryClientProvider>
      </ApiProvider>
    </Boundary>
  );
}

function SignedIn({ queries, connectLive }: Pick<Seams, "queries" | "connectLive">) {
  const standing = useSession((state) => state.standing);
  // A socket before the first answer would only be refused when we are signed out.
  useLive(queries, connectLive, standing === "in");
  if (standing === "out") return <SignedOut />;
  return <AppShell />;
}

function useLive(queries: QueryClient, connectLive: ConnectLive, enabled: boolean): void {
  useEffect(() => {
    if (!enabled) return;
    const refresh = createRefresher(queries);
    return connectLive({
      onEvent: (event) => {
        if (event.kind === "task" && event.status === "pending" && event.taskId)
          useDecisions.getState().reopened(event.taskId);
        refresh(event);
      },
      onConnection: useSession.getState().setConnection,
      onResume: () => void queries.invalidateQueries(),
    });
  }, [queries, connectLive, enabled]);
}
