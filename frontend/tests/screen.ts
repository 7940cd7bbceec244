/** A screen for jsdom whose width tests can choose. */
let desk = true;
const listeners = new Set<() => void>();

export function setDesk(value: boolean): void {
  desk = value;
  for (const changed of listeners) changed();
}

window.matchMedia = (query) => {
  const list = new EventTarget() as MediaQueryList;
  return Object.defineProperties(list, {
    media: { value: query },
    matches: { get: () => (query.includes("min-width") ? desk : query.includes("reduced-motion")) },
    addEventListener: { value: (_: string, changed: () => void) => listeners.add(changed) },
    removeEventListener: { value: (_: string, changed: () => void) => listeners.delete(changed) },
  });
};
