/** How a contestant waits for bytes: asleep, awake where that proves worth it, or always awake. */
export type BusyPoll = 'off' | 'adaptive' | { maxMicros: number }

/** Longer than any peer of a trial thinks: it stays awake until the answer has come. */
export const ALWAYS: BusyPoll = { maxMicros: 5_000 }

/**
 * The options of `listen` and `connect` for it; `off` is their default, and not named, so
 * that builds from before it was an option can play.
 */
export function polling(busyPoll: BusyPoll): { busyPoll?: BusyPoll } {
  return busyPoll === 'off' ? {} : { busyPoll }
}
