import { absoluteTime, relativeTime } from "@/lib/format";
import { useNow } from "@/lib/hooks";

/** How long ago, in words; the exact time in the person's zone as its title. */
export function Time({ at }: { at: string }) {
  const now = useNow(30_000);
  return (
    <time dateTime={at} title={absoluteTime(at)} className="nums whitespace-nowrap">
      {relativeTime(at, now)}
    </time>
  );
}
