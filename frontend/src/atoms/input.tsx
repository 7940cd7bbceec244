import type { ComponentProps } from "react";

import { cx } from "@/lib/cx";

export const inputClass =
  "block w-full rounded-lg border border-control/60 bg-surface px-3 text-base text-ink shadow-1 transition-colors placeholder:text-ink-3 hover:border-control focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 aria-invalid:border-danger";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input className={cx(inputClass, "h-10 pointer-coarse:h-11", className)} {...rest} />;
}

export function Textarea({ className, ...rest }: ComponentProps<"textarea">) {
  return <textarea className={cx(inputClass, "scroll-thin min-h-24 py-2", className)} {...rest} />;
}
