import { act, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import type { Fetch } from "@/api/client";

import { MESSAGES } from "../dev/mock/samples.ts";
import { Simulation } from "../dev/mock/simulation.ts";
import { renderApp } from "./harness";

afterEach(() => vi.useRealTimers());

const first = MESSAGES[0]?.[0] ?? "";
const list = () => screen.findByRole("list", { name: "Pending tasks" });

/** Holds back every request that contains `word` until released. */
function gate(word: string) {
  let open: (() => void) | undefined;
  const released = new Promise<void>((resolve) => (open = resolve));
  const wrap =
    (next: Fetch): Fetch =>
    async (url, init) => {
      if (typeof init.body === "string" && init.body.includes(word)) await released;
      return next(url, init);
    };
  return { wrap, release: () => open?.() };
}

test("a decision is shown before the server has answered", async () => {
  const { wrap, release } = gate("mutation Decide");
  const { user, simulation } = renderApp({ wrap });
  await list();
  await user.keyboard("a");
  expect(within(await list()).queryByText(first)).toBeNull();
  expect([...simulation.tasks.values()][0]?.status).toBe("PENDING");
  release();
  await waitFor(() => expect([...simulation.tasks.values()][0]?.status).toBe("DECIDED"));
});

test("when somebody else was faster, the card goes for good and a message says why", async () => {
  const { user, simulation } = renderApp();
  await list();
  const [task] = simulation.tasks.values();
  if (task) task.status = "DECIDED";
  await user.keyboard("a");
  expect(await screen.findByText(/Somebody decided this task already/)).toBeVisible();
  await waitFor(async () => expect(within(await list()).queryByText(first)).toBeNull());
  expect(screen.queryByRole("button", { name: /Undo/ })).toBeNull();
});

test("when the proposal has changed, the card comes back", async () => {
  const { user, simulation } = renderApp();
  await list();
  const [task] = simulation.tasks.values();
  if (task) task.proposal.contentHash = "another";
  await user.keyboard("a");
  expect(await screen.findByText(/has changed since you saw it/)).toBeVisible();
  expect(within(await list()).getByText(first)).toBeVisible();
  expect(task?.status).toBe("PENDING");
});

test("when the server cannot be reached, the card comes back and the message says what to do", async () => {
  const wrap =
    (next: Fetch): Fetch =>
    (url, init) =>
      typeof init.body === "string" && init.body.includes("mutation Decide")
        ? Promise.reject(new TypeError("Failed to fetch"))
        : next(url, init);
  const { user } = renderApp({ wrap });
  await list();
  await user.keyboard("a");
  expect(await screen.findByText(/cannot be reached.*Check that Assent is running/)).toBeVisible();
  expect(within(await list()).getByText(first)).toBeVisible();
});

test("undo counts down from five and is then gone; the task stays decided", async () => {
  vi.useFakeTimers({
    shouldAdvanceTime: true,
    toFake: ["Date", "setTimeout", "setInterval", "clearTimeout", "clearInterval"],
  });
  const { user } = renderApp();
  await list();
  await user.keyboard("a");
  const undo = () => screen.queryByRole("button", { name: /Undo/ });
  expect(undo()).toHaveTextContent("5");
  await act(() => vi.advanceTimersByTimeAsync(2100));
  expect(undo()).toHaveTextContent("3");
  await act(() => vi.advanceTimersByTimeAsync(3000));
  expect(undo()).toBeNull();
  expect(within(await list()).queryByText(first)).toBeNull();
});

test("undo puts the task back where it was", async () => {
  const { user, simulation } = renderApp();
  await list();
  await user.keyboard("a");
  const [task] = simulation.tasks.values();
  await waitFor(() => expect(task?.status).toBe("DECIDED"));
  await user.click(screen.getByRole("button", { name: /Undo/ }));
  await waitFor(() => expect(task?.status).toBe("PENDING"));
  await waitFor(async () => expect(within(await list()).getAllByRole("button")[0]).toHaveTextContent("I ordered"));
});

test("undo pressed before the server has answered is sent after the decision", async () => {
  const { wrap, release } = gate("mutation Decide");
  const { user, simulation } = renderApp({ wrap });
  await list();
  await user.keyboard("au");
  expect(within(await list()).getByText(first)).toBeVisible();
  release();
  const undone = simulation.events.subscribe("events");
  for await (const event of undone) if (event.status === "pending") break;
  expect([...simulation.tasks.values()][0]).toMatchObject({ status: "PENDING", decision: null });
});

test("undo that comes too late says so, and the task stays away", async () => {
  const { user, simulation } = renderApp();
  await list();
  await user.keyboard("a");
  const [task] = simulation.tasks.values();
  await waitFor(() => expect(task?.status).toBe("DECIDED"));
  if (task) task.decision = null;
  await user.keyboard("u");
  expect(await screen.findByText(/can no longer be undone/)).toBeVisible();
  await waitFor(async () => expect(within(await list()).queryByText(first)).toBeNull());
});

test("two decisions in a row are both kept when the first one fails", async () => {
  const simulation = new Simulation({ pending: 3 });
  const { user } = renderApp({ simulation });
  await list();
  const [task, next] = simulation.tasks.values();
  if (task) task.proposal.contentHash = "another";
  await user.keyboard("aa");
  await waitFor(() => expect(next?.status).toBe("DECIDED"));
  await waitFor(async () => expect(within(await list()).getAllByRole("button")).toHaveLength(2));
  expect(within(await list()).getByText(first)).toBeVisible();
});
