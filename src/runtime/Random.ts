/** A number from 0 (inclusive) to 1 (exclusive). */
export type Random = () => number;

/** The only place under `src/` that reads real randomness for timing. */
export const systemRandom: Random = () => Math.random();
