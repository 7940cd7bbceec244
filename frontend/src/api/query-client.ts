/** The cache of server state. Its keys stand here, so that live events and queries agree on them. */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";

import { useSession } from "@/lib/session";

import { asApiError } from "./errors";

export const keys = {
  overview: ["overview"] as const,
  tasks: ["tasks"] as const,
  task: (id: string) => ["task", id] as const,
  runs: ["runs"] as const,
  runList: (status: string | null) => ["runs", { status }] as const,
  run: (id: string) => ["run", id] as const,
  workflows: ["workflows"] as const,
  workflow: (name: string) => ["workflow", name] as const,
};

function noticeSignOut(error: unknown): void {
  if (asApiError(error).signedOut) useSession.getState().setStanding("out");
}

/** Only what may pass by itself is tried again. */
function worthRetrying(failures: number, error: unknown): boolean {
  const { code, status } = asApiError(error);
  return failures < 2 && (code === "network" || status >= 500);
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({ onError: noticeSignOut, onSuccess: () => useSession.getState().setStanding("in") }),
    mutationCache: new MutationCache({ onError: noticeSignOut }),
    defaultOptions: { queries: { staleTime: 10_000, retry: worthRetrying } },
  });
}
