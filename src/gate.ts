/**
 * Who of those that connect gets in. What rules and limits refuse, the core has turned away before
 * it is seen here.
 */
import { ask } from './admission.js'
import type { Judge } from './admission.js'
import { ECONNABORTED } from './binding.js'
import { Connection } from './connection.js'
import { native, openSlot, refuseSlot } from './endpoint.js'
import type { Slot } from './endpoint.js'
import type { BusyPoll } from './patience.js'
import type { Refusals } from './refusals.js'
import { makeStream } from './stream.js'
import type { Stream } from './stream.js'
import { spend, withinTurn } from './turn.js'

/**
 * What a call that found nobody to let in counts for, in operations: the core turns away as many
 * clients as this at once before it gives up.
 */
const REFUSALS_PER_CALL = 64

export class Gate {
  readonly #slot: Slot
  readonly #judge: Judge | undefined
  readonly #refusals: Refusals
  /** How its streams wait for bytes. */
  readonly #busyPoll: BusyPoll | undefined

  constructor(
    slot: Slot,
    judge: Judge | undefined,
    refusals: Refusals,
    busyPoll: BusyPoll | undefined,
  ) {
    this.#slot = slot
    this.#judge = judge
    this.#refusals = refusals
    this.#busyPoll = busyPoll
  }

  /**
   * The next client that gets in, or a negative errno. `ECONNABORTED`: nobody of those who were
   * looked at, and there may be more. A function that judges can have changed anything meanwhile.
   */
  next(): Stream | number {
    do {
      const answer = native().calls.accept(this.#slot.id)
      this.#refusals.noted()
      if (answer === ECONNABORTED) spend(0, REFUSALS_PER_CALL)
      else {
        spend(0)
        if (answer < 0) return answer
        const stream = this.#judged(openSlot(answer, 'stream'))
        if (stream !== undefined) return stream
      }
    } while (withinTurn() && this.#slot.open)
    return ECONNABORTED
  }

  #judged(slot: Slot): Stream | undefined {
    if (this.#judge === undefined) return makeStream(new Connection(slot, this.#busyPoll))
    const { admitted, ...refused } = ask(this.#judge, slot, 'The function allow of listen')
    if (admitted && this.#slot.open) {
      return makeStream(new Connection(slot, this.#busyPoll, refused.peer))
    }
    refuseSlot(slot)
    if (!admitted) this.#refusals.add({ reason: 'notAllowed', ...refused })
    return undefined
  }
}
