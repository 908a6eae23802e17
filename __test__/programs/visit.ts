/** What `visited.ts` and its workers agree on. */

/** How a worker ends: it is terminated, or has nothing more to do. */
export const WAYS = ['terminate', 'return'] as const

export type Way = (typeof WAYS)[number]

export interface Visit {
  readonly way: Way
  /** Where the main thread listens. */
  readonly path: string
  /** Where the worker listens. */
  readonly own: string
}

export const GREETING = 'hello'
