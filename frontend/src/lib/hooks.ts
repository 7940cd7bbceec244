/** Small hooks over the browser: media queries, the clock, keys. */
import { useCallback, useEffect, useRef, useSyncExternalStore } from "react";

export function useMediaQuery(query: string): boolean {
  return useSyncExternalStore(
    (changed) => {
      const list = window.matchMedia(query);
      list.addEventListener("change", changed);
      return () => list.removeEventListener("change", changed);
    },
    () => window.matchMedia(query).matches,
  );
}

export const useIsDesk = () => useMediaQuery("(min-width: 64rem)");

/** The time now in milliseconds, in whole steps of `every`; renewed by itself while `ticking`. */
export function useNow(every: number, ticking = true): number {
  const subscribe = useCallback(
    (changed: () => void) => {
      const timer = ticking ? setInterval(changed, every) : undefined;
      return () => clearInterval(timer);
    },
    [every, ticking],
  );
  return useSyncExternalStore(subscribe, () => Math.floor(Date.now() / every) * every);
}

function typing(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

/** Single-key shortcuts. Silent while someone types, holds a modifier, or a dialog is open. */
export function useKeys(bindings: Record<string, () => void>, enabled = true): void {
  const latest = useRef(bindings);
  useEffect(() => {
    latest.current = bindings;
  });
  useEffect(() => {
    if (!enabled) return;
    const pressed = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
      if (document.querySelector("[role=dialog], [role=alertdialog]")) return;
      const action = latest.current[event.key];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, [enabled]);
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Assent`;
  }, [title]);
}
