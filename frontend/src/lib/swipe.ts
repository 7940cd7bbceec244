/** What a swipe means. Distances in px, speeds in px/s; up is negative y. */
export type Swipe = "approve" | "reject" | "details";

export const THRESHOLD = { x: 104, y: 88 };
const FLICK = 620;
const MIN_FLICK = 32;

interface Vector {
  x: number;
  y: number;
}

/** The gesture that ended with this offset and velocity, or null when it was too small to mean anything. */
export function swipeOutcome(offset: Vector, velocity: Vector): Swipe | null {
  const sideways = Math.abs(offset.x) >= Math.abs(offset.y);
  if (sideways) {
    const flicked = Math.abs(velocity.x) > FLICK && Math.abs(offset.x) > MIN_FLICK && velocity.x * offset.x > 0;
    if (Math.abs(offset.x) < THRESHOLD.x && !flicked) return null;
    return offset.x > 0 ? "approve" : "reject";
  }
  const flickedUp = velocity.y < -FLICK && offset.y < -MIN_FLICK;
  return offset.y <= -THRESHOLD.y || flickedUp ? "details" : null;
}

/** A tick for the fingertip where the device has one. */
export function haptic(): void {
  if ("vibrate" in navigator) navigator.vibrate(8);
}
