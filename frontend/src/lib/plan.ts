/** Places the steps of a plan on a canvas, level by level. */
export interface Placed {
  id: string;
  level: number;
  needs: string[];
}

const HEIGHT = 64;
const GAP = { along: 72, across: 20 };

/** The size of a step in px; narrower where levels go down, so that two stand side by side on a phone. */
export const nodeSize = (vertical: boolean) => ({ width: vertical ? 164 : 208, height: HEIGHT });

/** Top-left corners in px. Levels go to the right, or downwards when `vertical`; each level is centred. */
export function placeSteps(steps: readonly Placed[], vertical: boolean): Map<string, { x: number; y: number }> {
  const levels = new Map<number, Placed[]>();
  for (const step of steps) levels.set(step.level, [...(levels.get(step.level) ?? []), step]);
  const { width, height } = nodeSize(vertical);
  const along = vertical ? height + GAP.along / 2 : width + GAP.along;
  const across = (vertical ? width : height) + GAP.across;
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
  return Math.min(vertical ? 420 : 480, 60 + rows * (HEIGHT + (vertical ? GAP.along / 2 : GAP.across)));
}
