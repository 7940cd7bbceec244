/** A form drawn from JSON Schema. Give it a `key` when the schema or the starting value changes. */
import { lazy, Suspense, useId, useState, type ReactNode } from "react";

import { Input, Textarea } from "@/atoms/input";
import { Skeleton } from "@/atoms/skeleton";
import { Switch } from "@/atoms/switch";
import type { Json, JsonObject } from "@/lib/json";
import { draftOf, fieldsOf, parseDraft, type Field, type FieldErrors } from "@/lib/schema-form";

const Combobox = lazy(() => import("./combobox"));

interface SchemaFormProps {
  id: string;
  schema: Json;
  value: Json;
  onSubmit: (value: JsonObject) => void;
  children?: ReactNode;
}

export function SchemaForm({ id, schema, value, onSubmit, children }: SchemaFormProps) {
  const fields = fieldsOf(schema);
  const [draft, setDraft] = useState(() => draftOf(fields, value));
  const [errors, setErrors] = useState<FieldErrors>({});
  return (
    <form
      id={id}
      noValidate
      className="flex flex-col gap-5"
      onSubmit={(event) => {
        event.preventDefault();
        const parsed = parseDraft(fields, draft, value);
        setErrors(parsed.ok ? {} : parsed.errors);
        if (parsed.ok) onSubmit(parsed.value);
      }}
    >
      {fields.map((field) => (
        <FormField
          key={field.name}
          field={field}
          value={draft[field.name] ?? ""}
          error={errors[field.name] ?? ""}
          onChange={(next) => setDraft({ ...draft, [field.name]: next })}
        />
      ))}
      {children}
    </form>
  );
}

interface FormFieldProps {
  field: Field;
  value: string | boolean;
  error: string;
  onChange: (value: string | boolean) => void;
}

function FormField({ field, value, error, onChange }: FormFieldProps) {
  const id = useId();
  const described = [field.description && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const shared = { id, "aria-describedby": described, "aria-invalid": error !== "", "aria-required": field.required };
  const label = (
    <label id={`${id}-label`} htmlFor={id} className="text-sm font-medium">
      {field.label}
      {!field.required && field.kind !== "boolean" && <span className="font-normal text-ink-3"> · optional</span>}
    </label>
  );
  const notes = (
    <>
      {field.description && (
        <p id={`${id}-help`} className="text-sm text-ink-3">
          {field.description}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} role="alert" className="text-sm text-danger">
          {error}
        </p>
      )}
    </>
  );
  if (typeof value === "boolean") {
    return (
      <div className="flex items-start justify-between gap-4">
        <div className="flex flex-col gap-0.5">
          {label}
          {notes}
        </div>
        <Switch id={id} checked={value} onCheckedChange={onChange} aria-describedby={described} />
      </div>
    );
  }
  const typed = { ...shared, value, onChange: (event: { target: { value: string } }) => onChange(event.target.value) };
  return (
    <div className="flex flex-col gap-1.5">
      {label}
      {field.kind === "choice" && (
        <Suspense fallback={<Skeleton className="h-10" />}>
          <Combobox
            id={id}
            options={field.options}
            value={value}
            onChange={onChange}
            invalid={error !== ""}
            describedBy={described}
            labelledBy={`${id}-label`}
          />
        </Suspense>
      )}
      {field.kind === "text" && <Input {...typed} />}
      {field.kind === "number" && (
        <Input {...typed} inputMode={field.integer ? "numeric" : "decimal"} className="nums" />
      )}
      {field.kind === "longtext" && <Textarea {...typed} rows={5} />}
      {field.kind === "json" && <Textarea {...typed} rows={6} spellCheck={false} className="font-mono text-xs" />}
      {notes}
    </div>
  );
}
