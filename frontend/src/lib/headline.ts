/** Which part of a payload says what it is about: its `label`, else its only or first short text. */
import { humanize } from "./format";
import { isObject, type Json, type JsonObject } from "./json";

export interface Headline {
  text: string;
  /** The value as it is stored, when that differs from the text. */
  raw: string;
  rest: JsonObject;
}

const SHORT = 80;

const isShortText = (value: Json | undefined): value is string =>
  typeof value === "string" && value.length > 0 && value.length <= SHORT;

export function headline(payload: Json, fallback: string): Headline {
  if (!isObject(payload)) return { text: fallback, raw: "", rest: { value: payload } };
  const [key, raw] = Object.entries(payload)
    .filter((entry): entry is [string, string] => isShortText(entry[1]))
    .sort(([a], [b]) => Number(b === "label") - Number(a === "label"))[0] ?? ["", ""];
  if (key === "") return { text: fallback, raw: "", rest: payload };
  const rest = { ...payload };
  Reflect.deleteProperty(rest, key);
  const text = /^[\w-]+$/.test(raw) ? humanize(raw) : raw;
  return { text, raw: text === raw ? "" : raw, rest };
}
