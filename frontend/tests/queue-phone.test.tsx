import { screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { renderApp } from "./harness";
import { setDesk } from "./screen";

beforeEach(() => setDesk(false));

const button = (name: string) => screen.findByRole("button", { name });

test.each([
  ["Approve", "APPROVE"],
  ["Reject", "REJECT"],
])("the button %s decides the top card", async (name, verdict) => {
  const { user, simulation } = renderApp();
  await user.click(await button(name));
  const [first, second] = simulation.tasks.values();
  await waitFor(() => expect(first?.decision).toMatchObject({ verdict }));
  expect(second?.status).toBe("PENDING");
});

test.each([
  ["{ArrowRight}", "APPROVE"],
  ["{ArrowLeft}", "REJECT"],
])("the key %s does what the swipe does", async (key, verdict) => {
  const { user, simulation } = renderApp();
  await button("Approve");
  await user.keyboard(key);
  const [first] = simulation.tasks.values();
  await waitFor(() => expect(first?.decision).toMatchObject({ verdict }));
});

test("up shows the details, from where one can decide too", async () => {
  const { user, simulation } = renderApp();
  await button("Approve");
  await user.keyboard("{ArrowUp}");
  const sheet = within(await screen.findByRole("dialog", { name: "Details" }));
  expect(sheet.getByText("What happens when you approve")).toBeVisible();
  await user.click(sheet.getByRole("button", { name: "Approve" }));
  const [first] = simulation.tasks.values();
  await waitFor(() => expect(first?.status).toBe("DECIDED"));
});

test("only the top card can be reached", async () => {
  renderApp();
  await button("Approve");
  expect(screen.getAllByRole("article")).toHaveLength(1);
});

test("the undo button is off until there is something to undo, and takes the last decision back", async () => {
  const { user, simulation } = renderApp();
  expect(await button("Undo")).toBeDisabled();
  await user.click(await button("Approve"));
  const [first] = simulation.tasks.values();
  await waitFor(() => expect(first?.status).toBe("DECIDED"));
  await user.keyboard("u");
  await waitFor(() => expect(first?.status).toBe("PENDING"));
  await waitFor(() => expect(screen.getByRole("article")).toHaveTextContent("I ordered my new card"));
});

test("an empty queue says so kindly", async () => {
  renderApp({ scenario: "empty" });
  expect(await screen.findByRole("heading", { name: "Nothing waits for you" })).toBeVisible();
});
