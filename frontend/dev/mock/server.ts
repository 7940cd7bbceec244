/** The SIMULATED backend as a GraphQL schema and as a `fetch`; see simulation.ts. */
import { createSchema, createYoga } from "graphql-yoga";

import { Simulation, WORKFLOW, type DecideInput, type SimEvent } from "./simulation.ts";

export type Scenario = "full" | "empty" | "failing" | "signed-out";

function page(all: { id: string }[], first: number, after: string | null): object {
  const start = after ? all.findIndex((node) => node.id === after) + 1 : 0;
  const nodes = all.slice(start, start + first);
  return {
    nodes,
    totalCount: all.length,
    pageInfo: { endCursor: nodes.at(-1)?.id ?? null, hasNextPage: start + first < all.length },
  };
}

export function executableSchema(typeDefs: string, simulation: Simulation) {
  return createSchema({
    typeDefs,
    resolvers: {
      Query: {
        me: () => ({ name: "Ada" }),
        overview: () => simulation.overview(),
        workflows: () => [simulation.workflow()],
        workflow: (_: unknown, { name }: { name: string }) => (name === WORKFLOW ? simulation.workflow() : null),
        runs: (
          _: unknown,
          { first, after, status }: { first: number; after: string | null; status: string | null },
        ) => {
          const runs = [...simulation.runs.values()].filter((run) => !status || run.status === status);
          runs.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
          return page(
            runs.map((run) => simulation.show(run) as { id: string }),
            first,
            after,
          );
        },
        run: (_: unknown, { id }: { id: string }) => {
          const run = simulation.runs.get(id);
          return run ? simulation.show(run) : null;
        },
        tasks: (_: unknown, { first, after, status }: { first: number; after: string | null; status: string }) =>
          page(
            [...simulation.tasks.values()].filter((task) => task.status === status),
            first,
            after,
          ),
        task: (_: unknown, { id }: { id: string }) => simulation.tasks.get(id) ?? null,
      },
      Mutation: {
        decide: (_: unknown, { input }: { input: DecideInput }) => simulation.decide(input),
        undoDecision: (_: unknown, { taskId }: { taskId: string }) => simulation.undo(taskId),
        startRun: (_: unknown, { input }: { input: { input: { message?: string } | null } }) =>
          simulation.start(input.input),
        cancelRun: (_: unknown, { id }: { id: string }) => simulation.cancel(id),
      },
      Subscription: {
        events: { subscribe: () => simulation.events.subscribe("events"), resolve: (event: SimEvent) => event },
      },
    },
  });
}

/** A `fetch` that answers like the server of one scenario. */
export function simulatedFetch(typeDefs: string, simulation: Simulation, scenario: () => Scenario = () => "full") {
  const full = createYoga({ schema: executableSchema(typeDefs, simulation), logging: false, maskedErrors: false });
  const nothing = new Simulation({ pending: 0, finished: 0 });
  const empty = createYoga({ schema: executableSchema(typeDefs, nothing), logging: false });
  const refuse = (status: number, code: string, message: string, hint: string) =>
    new Response(JSON.stringify({ code, message, hint }), {
      status,
      headers: { "content-type": "application/problem+json" },
    });
  return async (url: string, init: RequestInit): Promise<Response> => {
    const address = new URL(url, "http://simulated.invalid");
    const now = scenario();
    if (address.pathname === "/api/v1/session") {
      const { code } = JSON.parse(typeof init.body === "string" ? init.body : "{}") as { code?: string };
      if (code === "used")
        return refuse(401, "not_signed_in", "This link was used already.", "Run “assent sign-in” to get a fresh one.");
      return new Response(null, { status: 204 });
    }
    if (now === "signed-out") return refuse(401, "not_signed_in", "You are not signed in.", "Run “assent sign-in”.");
    if (now === "failing")
      return refuse(503, "unavailable", "The database does not answer.", "It usually comes back within seconds.");
    return await (now === "empty" ? empty : full).fetch(address.href, init);
  };
}
