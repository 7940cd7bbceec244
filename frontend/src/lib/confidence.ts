/** Words for how sure a proposal is. The bands follow the default gate: act from 90 %, act and notify from 70 %. */
export type Band = "sure" | "fairly" | "unsure" | "guess";

export function band(confidence: number): Band {
  if (confidence >= 0.9) return "sure";
  if (confidence >= 0.7) return "fairly";
  return confidence >= 0.4 ? "unsure" : "guess";
}

export const BAND_WORDS: Record<Band, string> = {
  sure: "Sure",
  fairly: "Fairly sure",
  unsure: "Unsure",
  guess: "A guess",
};
