import { QueryClient } from "@tanstack/react-query";
import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { createRefresher, liveUrl, type LiveEvent } from "@/api/live";

import { Simulation } from "../dev/mock/simulation.ts";
import { renderApp } from "./harness";

const list = () => screen.findByRole("list", { name: "Pending tasks" });

test("a task that arrives appears by itself", async () => {
  const simulation = new Simulation({ pending: 2 });
  renderApp({ simulation });
  expect(within(await list()).getAllByRole("button")).toHaveLength(2);
  act(() => void simulation.ask(5));
  await waitFor(async () => expect(within(await list()).getAllByRole("button")).toHaveLength(3));
});

test("a task that another person decides goes by itself", async () => {
  const { simulation } = renderApp({ simulation: new Simulation({ pending: 2 }) });
  await list();
  const [task] = simulation.tasks.values();
  act(
    () =>
      void simulation.decide({
        taskId: task?.id ?? "",
        proposalHash: task?.proposal.contentHash ?? "",
        verdict: "APPROVE",
        payload: null,
        reason: "",
        delaySeconds: 0,
      }),
  );
  await waitFor(async () => expect(within(await list()).getAllByRole("button")).toHaveLength(1));
});

test("a lost connection is visible, and what was missed is loaded when it is back", async () => {
  const simulation = new Simulation({ pending: 1 });
  const { live } = renderApp({ simulation });
  await list();
  expect(screen.getByText("Live")).toBeInTheDocument();
  act(() => live.handlers?.onConnection("reconnecting"));
  expect(screen.getByText("Reconnecting…")).toBeInTheDocument();
  const [task] = simulation.tasks.values();
  if (task) task.status = "EXPIRED";
  act(() => live.handlers?.onResume());
  expect(await screen.findByText("Nothing waits for you")).toBeVisible();
});

test("a flood of events loads each query once", async () => {
  vi.useFakeTimers();
  const client = new QueryClient();
  const load = vi.spyOn(client, "invalidateQueries").mockResolvedValue();
  const refresh = createRefresher(client, 300);
  const event: LiveEvent = {
    kind: "step",
    runId: "r",
    workflow: "w",
    step: "s",
    taskId: null,
    status: "running",
    at: "",
  };
  for (let count = 0; count < 500; count++) refresh(event);
  expect(load).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(300);
  expect(load.mock.calls.map(([filters]) => filters?.queryKey)).toEqual([["run", "r"], ["overview"]]);
  vi.useRealTimers();
});

test("the subscription goes to where the page came from", () => {
  expect(liveUrl({ protocol: "https:", host: "assent.example" })).toBe("wss://assent.example/graphql");
  expect(liveUrl({ protocol: "http:", host: "127.0.0.1:8400" })).toBe("ws://127.0.0.1:8400/graphql");
});
