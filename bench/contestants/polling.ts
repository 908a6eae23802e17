/** Whether a contestant spins before it sleeps. */
export type BusyPoll = 'off' | 'adaptive'

/**
 * The options of `listen` and `connect` for it; `off` is their default, and not named, so
 * that builds from before it was an option can play.
 */
export function polling(busyPoll: BusyPoll): { busyPoll?: BusyPoll } {
  return busyPoll === 'off' ? {} : { busyPoll }
}
