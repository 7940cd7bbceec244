import { ChevronRight } from "lucide-react";

import { cx } from "@/lib/cx";
import { humanize } from "@/lib/format";
import { isObject, pretty, type Json } from "@/lib/json";

/** JSON as it is, folded away until someone asks. */
export function JsonFold({ value, label = "JSON" }: { value: Json; label?: string }) {
  return (
    <details className="group">
      <summary className="inline-flex min-h-6 list-none items-center gap-1 rounded text-xs font-medium text-ink-3 hover:text-ink pointer-coarse:min-h-11">
        <ChevronRight size={14} aria-hidden="true" className="transition-transform group-open:rotate-90" />
        {label}
      </summary>
      <Code text={pretty(value)} />
    </details>
  );
}

export function Code({ text, tall = false }: { text: string; tall?: boolean }) {
  return (
    <pre
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that the keyboard can scroll it
      tabIndex={0}
      className={cx(
        "scroll-thin mt-2 overflow-auto rounded-xl border border-line bg-sunken p-4 font-mono text-xs leading-5",
        !tall && "max-h-96",
      )}
    >
      {text}
    </pre>
  );
}

function Scalar({ value }: { value: Json }) {
  if (value === null) return <span className="text-ink-3">none</span>;
  if (typeof value === "boolean") return <>{value ? "yes" : "no"}</>;
  return <>{typeof value === "object" ? JSON.stringify(value) : String(value)}</>;
}

/** An object as a list of names and values, one level of nesting laid flat. */
export function Facts({ value }: { value: Json }) {
  if (!isObject(value))
    return (
      <p className="break-words">
        <Scalar value={value} />
      </p>
    );
  const rows = Object.entries(value).flatMap(([name, content]): [string, Json][] =>
    isObject(content) && Object.keys(content).length > 0
      ? Object.entries(content).map(([inner, deep]) => [`${humanize(name)} · ${humanize(inner)}`, deep])
      : [[humanize(name), content]],
  );
  if (rows.length === 0) return <p className="text-ink-3">nothing</p>;
  return (
    <dl className="grid grid-cols-[minmax(5rem,auto)_1fr] gap-x-5 gap-y-1.5 text-sm">
      {rows.map(([name, content]) => (
        <div key={name} className="col-span-2 grid grid-cols-subgrid">
          <dt className="text-ink-3">{name}</dt>
          <dd className="min-w-0 break-words whitespace-pre-wrap text-ink [overflow-wrap:anywhere]">
            <Scalar value={content} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
