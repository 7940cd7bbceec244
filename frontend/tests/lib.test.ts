import { describe, expect, test } from "vitest";

import { band } from "@/lib/confidence";
import { duration, humanize, percent, relativeTime, shortId } from "@/lib/format";
import { headline } from "@/lib/headline";
import { sameJson } from "@/lib/json";
import { nodeSize, placeSteps } from "@/lib/plan";
import { swipeOutcome } from "@/lib/swipe";

const still = { x: 0, y: 0 };

describe("a swipe", () => {
  test.each([
    ["far to the right", { x: 140, y: 10 }, still, "approve"],
    ["far to the left", { x: -140, y: 10 }, still, "reject"],
    ["far up", { x: 10, y: -120 }, still, "details"],
    ["down", { x: 0, y: 200 }, { x: 0, y: 900 }, null],
    ["short", { x: 60, y: 0 }, still, null],
    ["short but flicked", { x: 60, y: 0 }, { x: 900, y: 0 }, "approve"],
    ["flicked back to where it came from", { x: 60, y: 0 }, { x: -900, y: 0 }, null],
    ["a tap that trembles", { x: 4, y: 2 }, { x: 900, y: 0 }, null],
    ["mostly up, a little right", { x: 100, y: -130 }, still, "details"],
  ] as const)("%s means %o", (_, offset, velocity, outcome) => {
    expect(swipeOutcome(offset, velocity)).toBe(outcome);
  });
});

test("bands follow the default gate, limits included", () => {
  expect([0.9, 0.8999, 0.7, 0.6999, 0.4, 0.1].map(band)).toEqual([
    "sure",
    "fairly",
    "fairly",
    "unsure",
    "unsure",
    "guess",
  ]);
});

test("a percentage never rounds to certainty", () => {
  expect([0, 0.001, 0.644, 0.999, 1].map(percent)).toEqual(["0 %", "1 %", "64 %", "99 %", "100 %"]);
});

test("durations use the units that matter", () => {
  expect([340, 4200, 42_900, 185_000, 7_800_000, 273_600_000].map(duration)).toEqual([
    "340 ms",
    "4.2 s",
    "42 s",
    "3 min 5 s",
    "2 h 10 min",
    "3 d 4 h",
  ]);
});

test("times far and near", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  expect(relativeTime("2026-03-01T11:59:40Z", now)).toBe("just now");
  expect(relativeTime("2026-03-01T12:00:20Z", now)).toBe("just now");
  expect(relativeTime("2026-03-01T12:00:40Z", now)).toBe("in a moment");
  expect(relativeTime("2026-03-01T09:00:00Z", now)).toMatch(/3/);
});

test("names read as words", () => {
  expect([humanize("lost_or_stolen_card"), humanize("maxAttempts"), humanize("a-b")]).toEqual([
    "Lost or stolen card",
    "Max Attempts",
    "A b",
  ]);
});

test("the headline is the label, else the first short text, else the title", () => {
  expect(headline({ note: "x", label: "close_account" }, "T")).toEqual({
    text: "Close account",
    raw: "close_account",
    rest: { note: "x" },
  });
  expect(headline({ n: 1, reply: "Dear Ada, thanks." }, "T")).toEqual({
    text: "Dear Ada, thanks.",
    raw: "",
    rest: { n: 1 },
  });
  expect(headline({ n: 1 }, "T")).toEqual({ text: "T", raw: "", rest: { n: 1 } });
  expect(headline(7, "T")).toEqual({ text: "T", raw: "", rest: { value: 7 } });
});

test("JSON is compared by value, whatever the order of its keys", () => {
  expect(sameJson({ a: [1, { b: null }], c: 2 }, { c: 2, a: [1, { b: null }] })).toBe(true);
  expect(sameJson({ a: 1 }, { a: 1, b: 2 })).toBe(false);
  expect(sameJson([1], { 0: 1 })).toBe(false);
});

test("steps of a level stand side by side without touching, centred, in both directions", () => {
  const steps = [
    { id: "a", level: 0, needs: [] },
    { id: "b", level: 0, needs: [] },
    { id: "c", level: 1, needs: ["a", "b"] },
  ];
  const across = placeSteps(steps, false);
  expect(Math.abs((across.get("a")?.y ?? 0) - (across.get("b")?.y ?? 0))).toBeGreaterThan(nodeSize(false).height);
  expect(across.get("c")?.y).toBe(0);
  expect(across.get("c")?.x).toBeGreaterThan(nodeSize(false).width);
  expect(placeSteps(steps, true).get("c")).toMatchObject({ x: 0 });
});

test("ids of runs of one workflow stay apart when they are shortened", () => {
  expect(shortId("support-inbox-625c388711fa01b56c003c90")).toBe("…6c003c90");
  expect(shortId("short")).toBe("short");
});
