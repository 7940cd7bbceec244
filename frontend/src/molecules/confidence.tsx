import { Meter } from "@/atoms/meter";
import { BAND_WORDS, band, type Band } from "@/lib/confidence";
import { cx } from "@/lib/cx";
import { percent } from "@/lib/format";

const TONES: Record<Band, string> = {
  sure: "text-accent",
  fairly: "text-accent",
  unsure: "text-warn-fill",
  guess: "text-danger-fill",
};

/** How sure the proposal is: a percentage, a bar and words. */
export function Confidence({ value, compact = false }: { value: number; compact?: boolean }) {
  const level = band(value);
  if (compact) {
    return (
      <span
        className="nums text-xs font-medium text-ink-2"
        title={`${BAND_WORDS[level]}: ${percent(value)} confidence`}
      >
        {percent(value)}
      </span>
    );
  }
  return (
    <div className="flex items-center gap-3">
      <Meter share={value} className={cx("w-24", TONES[level])} />
      <span className="text-sm text-ink-2">
        <span className="nums font-semibold text-ink">{percent(value)}</span> · {BAND_WORDS[level]}
      </span>
    </div>
  );
}
