/** The part of motion that gestures need, loaded after the first paint. */
export { domMax as default } from "motion/react";
