import { screen, waitFor } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";

import type { Fetch } from "@/api/client";

import { renderApp } from "./harness";

afterEach(() => window.history.replaceState(null, "", "/"));

test("401 leads to the page that explains how to get a link", async () => {
  renderApp({ scenario: "signed-out" });
  expect(await screen.findByText("assent sign-in")).toBeVisible();
});

test("the link signs in only on the button, leaves the address at once, and opens the queue", async () => {
  window.history.replaceState(null, "", "/sign-in#code=XYZ");
  const sent: unknown[] = [];
  const wrap =
    (next: Fetch): Fetch =>
    (url, init) => {
      if (url === "/api/v1/session") sent.push(init.body);
      return next(url, init);
    };
  const { user } = renderApp({ path: "/sign-in", wrap });
  const button = screen.getByRole("button", { name: "Sign in on this device" });
  expect(window.location.hash).toBe("");
  expect(sent).toEqual([]);
  await user.click(button);
  expect(await screen.findByRole("list", { name: "Pending tasks" })).toBeVisible();
  expect(sent).toEqual(['{"code":"XYZ"}']);
});

test("a used link says so and how to get another", async () => {
  window.history.replaceState(null, "", "/sign-in#code=used");
  const { user } = renderApp({ path: "/sign-in" });
  await user.click(screen.getByRole("button", { name: "Sign in on this device" }));
  expect(await screen.findByRole("alert")).toHaveTextContent(
    /This link was used already\.\s*Run “assent sign-in” to get a fresh one\./,
  );
});

test("a server in trouble is named, and trying again works", async () => {
  const { user, server } = renderApp({ scenario: "failing" });
  expect(await screen.findByRole("heading", { name: "The database does not answer." })).toBeVisible();
  server.scenario = "full";
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(screen.getByRole("list", { name: "Pending tasks" })).toBeVisible());
});
