import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { MESSAGES } from "../dev/mock/samples.ts";
import { renderApp } from "./harness";

const text = (index: number) => MESSAGES[index]?.[0] ?? "";
const detail = () => screen.findByRole("region", { name: "Task" });
const rows = () => within(screen.getByRole("list", { name: "Pending tasks" })).getAllByRole("button");

test("the oldest task is shown first, and j and k move through the list", async () => {
  const { user } = renderApp();
  expect(await within(await detail()).findByText(text(0))).toBeVisible();
  await user.keyboard("jj");
  expect(within(await detail()).getByText(text(2))).toBeVisible();
  await user.keyboard("k");
  expect(within(await detail()).getByText(text(1))).toBeVisible();
  expect(rows()[1]).toHaveAttribute("aria-current", "true");
});

test("a approves the task that is shown, bound to its hash and with five seconds to undo", async () => {
  const { user, simulation } = renderApp();
  await detail();
  await user.keyboard("ja");
  await waitFor(() =>
    expect(within(screen.getByRole("list", { name: "Pending tasks" })).queryByText(text(1))).toBeNull(),
  );
  const decided = [...simulation.tasks.values()][1];
  await waitFor(() => expect(decided?.decision).toMatchObject({ verdict: "APPROVE", payload: null }));
  expect(screen.getByText("Approved")).toBeVisible();
  expect(within(await detail()).getByText(text(2))).toBeVisible();
});

test("r asks for a reason, and Enter rejects with it", async () => {
  const { user, simulation } = renderApp();
  await detail();
  await user.keyboard("r");
  expect(await screen.findByLabelText(/Reason/)).toHaveFocus();
  await user.keyboard("Not our customer{Enter}");
  const [first] = simulation.tasks.values();
  await waitFor(() => expect(first?.decision).toMatchObject({ verdict: "REJECT", reason: "Not our customer" }));
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("r then Escape decides nothing", async () => {
  const { user, simulation } = renderApp();
  await detail();
  await user.keyboard("r");
  await screen.findByRole("dialog");
  await user.keyboard("{Escape}");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect([...simulation.tasks.values()].every((task) => task.status === "PENDING")).toBe(true);
});

test("e opens a form with a searchable list of labels, and what is chosen there is approved", async () => {
  const { user, simulation } = renderApp();
  await detail();
  await user.keyboard("e");
  const intent = await screen.findByRole("combobox", { name: /Intent/ });
  expect(intent).toHaveValue("Card not arrived");
  await user.clear(intent);
  await user.type(intent, "stolen");
  expect(screen.getAllByRole("option")).toHaveLength(1);
  await user.keyboard("{ArrowDown}{Enter}");
  await user.click(screen.getByRole("button", { name: "Approve with changes" }));
  const [first] = simulation.tasks.values();
  await waitFor(() =>
    expect(first?.decision).toMatchObject({ verdict: "EDIT", payload: { label: "lost_or_stolen_card" } }),
  );
});

test("saving the form without a change is a plain approval", async () => {
  const { user, simulation } = renderApp();
  await detail();
  await user.keyboard("e");
  await user.click(await screen.findByRole("button", { name: "Approve with changes" }));
  const [first] = simulation.tasks.values();
  await waitFor(() => expect(first?.decision).toMatchObject({ verdict: "APPROVE", payload: null }));
});

test("keys are left alone while someone types", async () => {
  const { user, simulation } = renderApp();
  await detail();
  await user.keyboard("r");
  await user.type(await screen.findByLabelText(/Reason/), "a jar of ear plugs");
  expect(screen.getByLabelText(/Reason/)).toHaveValue("a jar of ear plugs");
  expect([...simulation.tasks.values()].every((task) => task.status === "PENDING")).toBe(true);
});

test("? lists the keys", async () => {
  const { user } = renderApp();
  await detail();
  await user.keyboard("?");
  expect(await screen.findByRole("dialog", { name: "Keys" })).toHaveTextContent("Change, then approve");
});

test("the detail says why and what would happen", async () => {
  renderApp();
  const panel = within(await detail());
  expect(panel.getByText("64 %")).toBeVisible();
  expect(panel.getByText(/Unsure/)).toBeVisible();
  expect(panel.getAllByText("81 %")).not.toHaveLength(0);
  expect(panel.getByText("POST 127.0.0.1:8405/tickets")).toBeVisible();
});
