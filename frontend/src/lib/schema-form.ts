/**
 * Draws a form from JSON Schema: which fields there are, what each starts with, and what people typed as JSON again.
 * Only what a form can show is checked here; the server checks the whole schema.
 */
import { isObject, pretty, type Json, type JsonObject } from "./json";

export type FieldKind = "text" | "longtext" | "number" | "boolean" | "choice" | "json";

export interface Option {
  value: Json;
  label: string;
  description: string;
}

export interface Field {
  name: string;
  kind: FieldKind;
  label: string;
  description: string;
  required: boolean;
  integer: boolean;
  options: Option[];
  schema: JsonObject;
}

/** What is in the inputs: text for most kinds, a boolean for switches. */
export type Draft = Record<string, string | boolean>;
export type FieldErrors = Record<string, string>;
export type Parsed = { ok: true; value: JsonObject } | { ok: false; errors: FieldErrors };

const LONG = 200;

function text(schema: JsonObject, key: string): string {
  const value = schema[key];
  return typeof value === "string" ? value : "";
}

function bound(schema: JsonObject, key: string): number | null {
  const value = schema[key];
  return typeof value === "number" ? value : null;
}

/** The first type that is not null. */
function typeOf(schema: JsonObject): string {
  const type = schema.type;
  if (Array.isArray(type))
    return type.find((name): name is string => typeof name === "string" && name !== "null") ?? "";
  return typeof type === "string" ? type : "";
}

function optionLabel(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function optionsOf(schema: JsonObject): Option[] {
  const listed = schema.enum;
  if (Array.isArray(listed)) return listed.map((value) => ({ value, label: optionLabel(value), description: "" }));
  const alternatives = schema.oneOf ?? schema.anyOf;
  if (!Array.isArray(alternatives)) return [];
  const constants = alternatives.filter((one): one is JsonObject => isObject(one) && "const" in one);
  if (constants.length !== alternatives.length) return [];
  return constants.map((one) => {
    const value = one.const ?? null;
    return { value, label: text(one, "title") || optionLabel(value), description: text(one, "description") };
  });
}

function kindOf(schema: JsonObject, options: Option[]): FieldKind {
  if (options.length > 0) return "choice";
  switch (typeOf(schema)) {
    case "string":
      return (bound(schema, "maxLength") ?? 0) > LONG || text(schema, "format") === "textarea" ? "longtext" : "text";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    default:
      return "json";
  }
}

/** The fields of an object schema in the order they are written; empty when it has no properties. */
export function fieldsOf(schema: Json): Field[] {
  if (!isObject(schema) || !isObject(schema.properties)) return [];
  const required = Array.isArray(schema.required) ? schema.required : [];
  return Object.entries(schema.properties).map(([name, property]) => {
    const own = isObject(property) ? property : {};
    const options = optionsOf(own);
    return {
      name,
      kind: kindOf(own, options),
      label: text(own, "title") || name,
      description: text(own, "description"),
      required: required.includes(name),
      integer: typeOf(own) === "integer",
      options,
      schema: own,
    };
  });
}

function toInput(field: Field, value: Json | undefined): string | boolean {
  if (field.kind === "boolean") return value === true;
  if (value === undefined || (value === null && field.kind !== "json")) return "";
  if (field.kind === "json") return pretty(value);
  if (field.kind === "choice") return JSON.stringify(value);
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What the inputs start with: the given value, else the schema's default. */
export function draftOf(fields: Field[], value: Json): Draft {
  const given = isObject(value) ? value : {};
  return Object.fromEntries(
    fields.map((field) => [field.name, toInput(field, given[field.name] ?? field.schema.default)]),
  );
}

function checkText(schema: JsonObject, value: string): string | null {
  const longest = bound(schema, "maxLength");
  if (longest !== null && value.length > longest) return `At most ${longest} characters; these are ${value.length}.`;
  const shortest = bound(schema, "minLength");
  if (shortest !== null && value.length < shortest) return `At least ${shortest} characters.`;
  return null;
}

function parseNumber(field: Field, typed: string): number | string {
  const value = Number(typed);
  if (!Number.isFinite(value)) return "Write a number.";
  if (field.integer && !Number.isSafeInteger(value)) return "Write a whole number.";
  const low = bound(field.schema, "minimum");
  if (low !== null && value < low) return `At least ${low}.`;
  const high = bound(field.schema, "maximum");
  if (high !== null && value > high) return `At most ${high}.`;
  return value;
}

function parseField(field: Field, typed: string): { value: Json } | { error: string } {
  switch (field.kind) {
    case "number": {
      const value = parseNumber(field, typed);
      return typeof value === "number" ? { value } : { error: value };
    }
    case "choice": {
      const option = field.options.find((one) => JSON.stringify(one.value) === typed);
      return option ? { value: option.value } : { error: "Choose one of the list." };
    }
    case "json":
      try {
        return { value: JSON.parse(typed) as Json };
      } catch {
        return { error: "This is not valid JSON." };
      }
    default: {
      const error = checkText(field.schema, typed);
      return error === null ? { value: typed } : { error };
    }
  }
}

/** What people typed, as JSON. Fields of `base` that the form does not show are kept; an emptied optional field is left out. */
export function parseDraft(fields: Field[], draft: Draft, base: Json = {}): Parsed {
  const value: JsonObject = isObject(base) ? { ...base } : {};
  const errors: FieldErrors = {};
  for (const field of fields) {
    const typed = draft[field.name] ?? "";
    if (typeof typed === "boolean") {
      value[field.name] = typed;
    } else if (typed.trim() === "") {
      if (field.required) errors[field.name] = "This is needed.";
      else Reflect.deleteProperty(value, field.name);
    } else {
      const result = parseField(field, typed);
      if ("error" in result) errors[field.name] = result.error;
      else value[field.name] = result.value;
    }
  }
  return Object.keys(errors).length > 0 ? { ok: false, errors } : { ok: true, value };
}
