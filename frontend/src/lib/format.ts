/** Numbers, times and names as people read them, in their own zone and language. */
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: "auto", style: "short" });
const whole = new Intl.NumberFormat();

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
];

export function count(value: number): string {
  return whole.format(value);
}

/** A share of 1 as a whole percentage; never 100 % or 0 % unless it is exactly that. */
export function percent(share: number): string {
  const rounded = Math.round(share * 100);
  if (rounded >= 100 && share < 1) return "99 %";
  if (rounded <= 0 && share > 0) return "1 %";
  return `${rounded} %`;
}

export function absoluteTime(iso: string): string {
  return absolute.format(new Date(iso));
}

export function relativeTime(iso: string, now: number): string {
  const difference = new Date(iso).getTime() - now;
  for (const [unit, size] of UNITS) {
    if (Math.abs(difference) >= size) return relative.format(Math.trunc(difference / size), unit);
  }
  // The clock on the page ticks every 30 s: what happened since then only seems to lie ahead.
  return difference > 30_000 ? "in a moment" : "just now";
}

/** A duration in milliseconds: 340 ms, 4.2 s, 3 min 5 s, 2 h 10 min, 3 d 4 h. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.floor(seconds)} s`;
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string) =>
    small === 0 ? `${big} ${bigUnit}` : `${big} ${bigUnit} ${small} ${smallUnit}`;
  const total = Math.floor(seconds);
  if (total < 3600) return pair(Math.floor(total / 60), "min", total % 60, "s");
  if (total < 86_400) return pair(Math.floor(total / 3600), "h", Math.floor((total % 3600) / 60), "min");
  return pair(Math.floor(total / 86_400), "d", Math.floor((total % 86_400) / 3600), "h");
}

/** `lost_or_stolen_card` reads as `Lost or stolen card`. */
export function humanize(name: string): string {
  const words = name
    .replace(/[_-]+/g, " ")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The end of an id, which tells it from its neighbours: runs of one workflow all begin alike. */
export function shortId(id: string): string {
  return id.length > 12 ? `…${id.slice(-8)}` : id;
}
