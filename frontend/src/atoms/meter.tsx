import { cx } from "@/lib/cx";

/** A share of 1 as a bar; the words beside it say the same, so it is hidden from screen readers. */
export function Meter({ share, className }: { share: number; className?: string }) {
  return (
    <span
      aria-hidden="true"
      className={cx("block h-1.5 overflow-hidden rounded-full bg-line", className ?? "text-accent")}
    >
      <span className="block h-full rounded-full bg-current" style={{ width: `${Math.max(2, share * 100)}%` }} />
    </span>
  );
}
