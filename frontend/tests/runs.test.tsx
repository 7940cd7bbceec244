import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { Simulation } from "../dev/mock/simulation.ts";
import { renderApp } from "./harness";

const links = () => screen.getAllByRole("link", { name: "support-inbox" });

test("runs come in pages, newest first, and load more brings the rest", async () => {
  const { user } = renderApp({ path: "/runs", simulation: new Simulation({ pending: 4, finished: 60 }) });
  expect(await screen.findByRole("table", { name: "Runs" })).toBeVisible();
  expect(links()).toHaveLength(50);
  await user.click(screen.getByRole("button", { name: "Load more" }));
  await waitFor(() => expect(links()).toHaveLength(64));
  expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
});

test("the filter shows only that status", async () => {
  const { user } = renderApp({ path: "/runs", simulation: new Simulation({ pending: 1, finished: 40 }) });
  await screen.findByRole("table");
  await user.click(screen.getByRole("radio", { name: "Failed" }));
  await waitFor(() => expect(links()).toHaveLength(3));
  expect(within(screen.getByRole("table")).getAllByText("Failed")).toHaveLength(3);
});

test("a waiting run shows the step that waits, and what was proposed", async () => {
  const simulation = new Simulation({ pending: 1, finished: 0 });
  const [run] = simulation.runs.values();
  renderApp({ path: `/runs/${run?.id ?? ""}`, simulation });
  expect(await screen.findByRole("heading", { name: "support-inbox" })).toBeVisible();
  const steps = within(screen.getByRole("navigation", { name: "Steps" }));
  expect(steps.getByRole("button", { name: /^intent\s*Waits for a person/ })).toHaveAttribute("aria-current", "step");
  expect(steps.getByRole("button", { name: /^ticket\s*Not started/ })).toBeVisible();
  expect(screen.getByRole("link", { name: /Temporal/ })).toHaveAttribute(
    "href",
    expect.stringContaining(run?.id ?? "?"),
  );
});

test("earlier attempts of a step are kept with their errors", async () => {
  const simulation = new Simulation({ pending: 0, finished: 1 });
  const [run] = simulation.runs.values();
  const { user } = renderApp({ path: `/runs/${run?.id ?? ""}`, simulation });
  await user.click(await screen.findByRole("button", { name: /^ticket\s*Completed/ }));
  await user.click(screen.getByText("Item 0, attempt 1"));
  expect(screen.getByRole("alert")).toHaveTextContent("The help desk answered 503.");
});

test("cancelling asks first", async () => {
  const simulation = new Simulation({ pending: 1, finished: 0 });
  const [run] = simulation.runs.values();
  const { user } = renderApp({ path: `/runs/${run?.id ?? ""}`, simulation });
  await user.click(await screen.findByRole("button", { name: "Cancel run" }));
  expect(run?.status).toBe("RUNNING");
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Cancel run" }));
  await waitFor(() => expect(run?.status).toBe("CANCELLED"));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("an unknown run is not an error page", async () => {
  renderApp({ path: "/runs/none" });
  expect(await screen.findByRole("heading", { name: "There is no such run" })).toBeVisible();
});

test("a run starts from the form that the input schema draws", async () => {
  const { user, simulation } = renderApp({
    path: "/workflows/support-inbox",
    simulation: new Simulation({ pending: 0, finished: 0 }),
  });
  await user.click(await screen.findByRole("button", { name: "Start run" }));
  expect(screen.getByText("This is needed.")).toBeVisible();
  expect(simulation.runs.size).toBe(0);
  await user.type(screen.getByLabelText(/^Message/), "Where is my card?");
  await user.click(screen.getByRole("button", { name: "Start run" }));
  expect(await screen.findByRole("navigation", { name: "Steps" })).toBeVisible();
  const [run] = simulation.runs.values();
  expect(run?.input).toEqual({ message: "Where is my card?", channel: "email", priority: 3, notify: false });
});
