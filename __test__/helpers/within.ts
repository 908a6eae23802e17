import { setTimeout as delay } from 'node:timers/promises'

/** A wait that took longer than the test allows; the message names what never came. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError'
}

/** How long a wait may take when a test has no reason to say otherwise. */
export const PATIENCE_MS = 20_000

/** Settles as `promise` does, or rejects after `milliseconds` with an error that names `what`. */
export async function within<T>(
  promise: PromiseLike<T>,
  milliseconds: number,
  what: string,
): Promise<T> {
  const late = new DeadlineError(`waited ${milliseconds} ms in vain for ${what}`)
  const expired = new AbortController()
  const deadline = delay(milliseconds, undefined, { signal: expired.signal }).then(() => {
    throw late
  })
  // Whichever side loses the race must not surface as an unhandled rejection.
  deadline.catch(() => undefined)
  try {
    return await Promise.race([promise, deadline])
  } finally {
    expired.abort()
  }
}

/** Asks `holds` once per turn of the loop until it says yes. */
export async function eventually(
  holds: () => boolean | Promise<boolean>,
  milliseconds: number,
  what: string,
): Promise<void> {
  const end = performance.now() + milliseconds
  while (!(await holds())) {
    if (performance.now() > end)
      throw new DeadlineError(`waited ${milliseconds} ms in vain: ${what}`)
    await delay(2)
  }
}

/** Lets `count` turns of the event loop pass, so that whatever could have happened has. */
export async function turns(count = 3): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) {
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}
