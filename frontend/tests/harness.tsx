/** Renders the whole app on the simulated backend, through the same seams that production fills. */
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";

import { createApiClient, type Fetch } from "@/api/client";
import type { ConnectLive, LiveHandlers } from "@/api/live";
import { createQueryClient } from "@/api/query-client";
import { App } from "@/app";

import { simulatedFetch, type Scenario } from "../dev/mock/server.ts";
import { Simulation } from "../dev/mock/simulation.ts";
import typeDefs from "../schema.graphql?raw";

interface Options {
  path?: string;
  scenario?: Scenario;
  simulation?: Simulation;
  /** Stands between the app and the simulation. */
  wrap?: (next: Fetch) => Fetch;
}

/** Live events straight from the simulation; `handlers` lets a test cut the line. */
function localLive(simulation: Simulation, seen: { handlers?: LiveHandlers }): ConnectLive {
  return (handlers) => {
    seen.handlers = handlers;
    const events = simulation.events.subscribe("events");
    handlers.onConnection("live");
    void (async () => {
      for await (const event of events) handlers.onEvent(event);
    })();
    return () => void events.return();
  };
}

export function renderApp({
  path = "/queue",
  scenario = "full",
  simulation = new Simulation(),
  wrap = (next) => next,
}: Options = {}) {
  const server: { scenario: Scenario } = { scenario };
  const live: { handlers?: LiveHandlers } = {};
  const fetch = wrap(simulatedFetch(typeDefs, simulation, () => server.scenario));
  const queries = createQueryClient();
  queries.setDefaultOptions({ queries: { ...queries.getDefaultOptions().queries, retry: false } });
  const view = render(
    <MemoryRouter initialEntries={[path]}>
      <App api={createApiClient(fetch)} queries={queries} connectLive={localLive(simulation, live)} />
    </MemoryRouter>,
  );
  return { ...view, user: userEvent.setup(), simulation, server, live };
}
