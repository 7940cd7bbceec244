/** Places the steps of a plan on a canvas, level by level. */
export interface Placed {
  id: string;
  level: number;
  needs: string[];
}

export const NODE = { width: 208, height: 64 };
const GAP = { along: 72, across: 24 };

/** Top-left corners in px. Levels go to the right, or downwards when `vertical`; each level is centred. */
export function placeSteps(steps: readonly Placed[], vertical: boolean): Map<string, { x: number; y: number }> {
  const levels = new Map<number, Placed[]>();
  for (const step of steps) levels.set(step.level, [...(levels.get(step.level) ?? []), step]);
  const along = (vertical ? NODE.height : NODE.width) + (vertical ? GAP.along / 1.6 : GAP.along);
  const across = (vertical ? NODE.width : NODE.height) + GAP.across;
  const places = new Map<string, { x: number; y: number }>();
  for (const [level, members] of levels) {
    members.forEach((step, index) => {
      const main = level * along;
      const cross = (index - (members.length - 1) / 2) * across;
      places.set(step.id, vertical ? { x: cross, y: main } : { x: main, y: cross });
    });
  }
  return places;
}

/** A height in px that shows the plan at a readable size without much empty canvas. */
export function canvasHeight(steps: readonly Placed[], vertical: boolean): number {
  const levels = new Map<number, number>();
  for (const step of steps) levels.set(step.level, (levels.get(step.level) ?? 0) + 1);
  const rows = vertical ? levels.size : Math.max(1, ...levels.values());
  return Math.min(vertical ? 420 : 480, 80 + rows * (NODE.height + GAP.across));
}
