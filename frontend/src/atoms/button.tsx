import type { ComponentProps } from "react";

import { cx } from "@/lib/cx";

type Tone = "primary" | "neutral" | "quiet" | "danger";
type Size = "sm" | "md" | "lg";

const TONES: Record<Tone, string> = {
  primary: "bg-accent text-on-accent shadow-1 hover:bg-accent-hover",
  neutral: "border border-line-strong bg-raised text-ink shadow-1 hover:bg-sunken",
  quiet: "text-ink-2 hover:bg-sunken hover:text-ink",
  danger: "border border-line-strong bg-raised text-danger shadow-1 hover:bg-danger-soft",
};

const SIZES: Record<Size, string> = {
  sm: "h-8 gap-1.5 rounded-lg px-2.5 text-sm pointer-coarse:h-11",
  md: "h-9 gap-2 rounded-lg px-3.5 text-sm pointer-coarse:h-11",
  lg: "h-12 gap-2 rounded-xl px-5 text-base",
};

export function buttonClass(tone: Tone = "neutral", size: Size = "md"): string {
  return cx(
    "inline-flex shrink-0 items-center justify-center font-medium whitespace-nowrap select-none",
    "transition-[background-color,color,border-color,transform] duration-150 active:scale-[0.98]",
    "disabled:pointer-events-none disabled:opacity-50",
    TONES[tone],
    SIZES[size],
  );
}

interface ButtonProps extends ComponentProps<"button"> {
  tone?: Tone;
  size?: Size;
}

export function Button({ tone = "neutral", size = "md", className, type = "button", ...rest }: ButtonProps) {
  return <button type={type} className={cx(buttonClass(tone, size), className)} {...rest} />;
}

interface IconButtonProps extends ComponentProps<"button"> {
  label: string;
}

/** A square button that shows only an icon; `label` names it. */
export function IconButton({ label, className, type = "button", ...rest }: IconButtonProps) {
  return (
    <button
      type={type}
      aria-label={label}
      title={label}
      className={cx(
        "inline-grid size-9 shrink-0 place-items-center rounded-lg text-ink-2 transition-colors hover:bg-sunken hover:text-ink pointer-coarse:size-11",
        className,
      )}
      {...rest}
    />
  );
}
