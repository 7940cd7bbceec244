import { screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";

import { useTheme } from "@/lib/theme";

import earlyScript from "../public/theme.js?raw";
import { renderApp } from "./harness";

const root = document.documentElement;
/** What the browser does with the file that stands before the first paint. */
function loadEarlyScript(): void {
  const script = document.createElement("script");
  script.textContent = earlyScript;
  document.head.append(script);
  script.remove();
}

beforeEach(() => {
  useTheme.setState({ theme: "system" });
  delete root.dataset.theme;
});

test("a chosen theme applies at once and is there before the first paint next time", async () => {
  const { user } = renderApp({ scenario: "empty" });
  await user.click(await screen.findByRole("button", { name: "Theme: system" }));
  await user.click(await screen.findByRole("menuitemradio", { name: "Dark" }));
  expect(root).toHaveAttribute("data-theme", "dark");
  delete root.dataset.theme;
  loadEarlyScript();
  expect(root).toHaveAttribute("data-theme", "dark");
});

test("system leaves no trace", () => {
  useTheme.getState().setTheme("light");
  useTheme.getState().setTheme("system");
  loadEarlyScript();
  expect(root).not.toHaveAttribute("data-theme");
  expect(localStorage).toHaveLength(0);
});

test("a damaged choice is ignored", () => {
  localStorage.setItem("assent-theme", "purple");
  loadEarlyScript();
  expect(root).not.toHaveAttribute("data-theme");
});
