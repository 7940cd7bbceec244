import { describe, expect, test } from "vitest";

import { draftOf, fieldsOf, parseDraft } from "@/lib/schema-form";

const schema = {
  type: "object",
  required: ["label", "amount"],
  properties: {
    label: { enum: ["a", "b", 3] },
    amount: { type: "number", minimum: 1, maximum: 10 },
    parts: { type: "integer" },
    note: { type: ["string", "null"], maxLength: 5 },
    essay: { type: "string", maxLength: 5000 },
    sure: { type: "boolean", default: true },
    extra: { type: "object" },
  },
};
const fields = fieldsOf(schema);
const draft = (changes: Record<string, string | boolean>) => ({
  ...draftOf(fields, { label: "a", amount: 2 }),
  ...changes,
});

test("each kind of property gets its kind of field, in the order of the schema", () => {
  expect(fields.map((field) => field.kind)).toEqual([
    "choice",
    "number",
    "number",
    "text",
    "longtext",
    "boolean",
    "json",
  ]);
});

test("oneOf with constants is a choice with titles and descriptions", () => {
  const [field] = fieldsOf({
    properties: { label: { oneOf: [{ const: "x", title: "X!", description: "why" }, { const: "y" }] } },
  });
  expect(field?.options).toEqual([
    { value: "x", label: "X!", description: "why" },
    { value: "y", label: "y", description: "" },
  ]);
});

test("a form that nobody touched gives back the value it was drawn from", () => {
  const value = { label: 3, amount: 4.5, parts: 2, note: "hi", essay: "long", sure: false, extra: { deep: [1, null] } };
  expect(parseDraft(fields, draftOf(fields, value), value)).toEqual({ ok: true, value });
});

test("what the form does not show is kept", () => {
  expect(parseDraft(fields, draft({}), { label: "a", hidden: 1 })).toMatchObject({ ok: true, value: { hidden: 1 } });
});

test("an emptied optional field is left out, and defaults fill what is missing", () => {
  expect(parseDraft(fields, draft({ note: " " }), { note: "old" })).toEqual({
    ok: true,
    value: { label: "a", amount: 2, sure: true },
  });
});

describe("what does not fit is refused with words", () => {
  test.each([
    [{ label: "" }, "label", "This is needed."],
    [{ label: '"c"' }, "label", "Choose one of the list."],
    [{ amount: "many" }, "amount", "Write a number."],
    [{ amount: "11" }, "amount", "At most 10."],
    [{ parts: "1.5" }, "parts", "Write a whole number."],
    [{ note: "too long" }, "note", "At most 5 characters; these are 8."],
    [{ extra: "{" }, "extra", "This is not valid JSON."],
  ])("%o", (changes, field, message) => {
    expect(parseDraft(fields, draft(changes as Record<string, string>))).toEqual({
      ok: false,
      errors: { [field]: message },
    });
  });
});

test("a schema without properties has no fields", () => {
  expect(fieldsOf(null)).toEqual([]);
  expect(fieldsOf({ type: "string" })).toEqual([]);
});
