/**
 * Fairness. A promise that is resolved at once never lets the event loop turn: without a limit,
 * a stream that is always ready would hold up every timer. So what can be done at once is done
 * only within a budget per turn; beyond it, operations line up here and go on after the loop has
 * turned, those that waited longest first.
 *
 * The drawback: a busy thread pays one `setImmediate` for each budget that it uses up.
 */

/** Bytes that may be read and written at once in one turn of the loop; what is beyond waits. */
export const TURN_BYTES: number = 1024 * 1024

/** Operations that may be completed at once in one turn of the loop; what is beyond waits. */
export const TURN_OPERATIONS = 256

/** Something that goes on in a later turn. */
export interface Resumable {
  /** Whether it is in line; kept by this module. */
  deferred: boolean
  /** Whether it keeps the process alive while it is in line. */
  readonly referenced: boolean
  resume(): void
}

/** Something to be done before the loop may sleep. */
export interface Gathering {
  flush(): void
}

/** Changes with every turn that anything is known of. */
let number = 0
/** What has gathered something in this turn. */
let gatherings: Gathering[] = []
/** Tells that the loop has turned; set once anybody wants to know. */
let turned: NodeJS.Immediate | undefined

/** The poller may call more than once before the loop has turned. */
let callsFollow = false
/** The budget was renewed by a call of the poller, and the loop has not been seen to turn since. */
let renewed = false

let bytesLeft = TURN_BYTES
let operationsLeft = TURN_OPERATIONS
let line: Resumable[] = []
let immediate: NodeJS.Immediate | undefined
let timer: NodeJS.Timeout | undefined

function hasBudget(): boolean {
  return operationsLeft > 0 && bytesLeft > 0
}

/**
 * Which turn this is: two calls that get the same number, with {@link noteTurn} after the first,
 * are in the same turn of the loop. The other way round it does not hold, since every call of the
 * poller is a turn here.
 */
export function turnNumber(): number {
  return number
}

/**
 * Sees to it that the number has changed once the loop has turned. It is unreferenced: the loop
 * does not pay a round of its own for it, but sleeps first.
 */
export function noteTurn(): NodeJS.Immediate {
  return (turned ??= setImmediate(onTurned).unref())
}

/** Flushes what was gathered once this turn is over, and before the loop sleeps. */
export function flushAfterTurn(gathering: Gathering): void {
  if (gatherings.push(gathering) === 1) noteTurn().ref()
}

function onTurned(): void {
  turned = undefined
  renewed = false
  number += 1
  const flushing = gatherings
  gatherings = []
  for (const gathering of flushing) gathering.flush()
}

/** Whether something may be done at once. If not, the budget is renewed when the loop turns. */
export function withinTurn(): boolean {
  if (hasBudget()) return true
  schedule()
  return false
}

/** Accounts for operations that were done, and the bytes that they moved. */
export function spend(bytes: number, operations = 1): void {
  operationsLeft -= operations
  bytesLeft -= bytes
}

/** Puts it in line, without a turn of its own: for callers that call {@link takeTurns} next. */
export function enqueue(item: Resumable): void {
  if (item.deferred) return
  item.deferred = true
  line.push(item)
}

/** Puts it in line for the next turn of the loop. */
export function defer(item: Resumable): void {
  enqueue(item)
  wakeFor(item.referenced)
}

/**
 * From now on the budget is renewed once in a turn of the loop however often the poller calls: the
 * calls of another thread can follow each other a thousand times before the loop turns.
 */
export function renewOnceATurn(): void {
  callsFollow = true
}

/** A new turn: the budget is whole again, and those in line go on until it is used up. */
export function takeTurns(): void {
  number += 1
  if (immediate === undefined && !renewed) {
    bytesLeft = TURN_BYTES
    operationsLeft = TURN_OPERATIONS
    if (callsFollow) {
      renewed = true
      noteTurn()
    }
  }
  if (line.length === 0) return
  const turn = line
  line = []
  let next = 0
  try {
    while (next < turn.length && hasBudget()) {
      const item = turn[next++] as Resumable
      item.deferred = false
      item.resume()
    }
  } finally {
    // Those that were cut off, if only by another's error, go before those that have had a turn.
    if (next < turn.length) line = turn.slice(next).concat(line)
    if (line.length > 0) wakeFor(line.some((item) => item.referenced))
  }
}

function onImmediate(): void {
  immediate = undefined
  renewed = false
  if (timer !== undefined) {
    clearTimeout(timer)
    timer = undefined
  }
  takeTurns()
}

function onTimer(): void {
  if (immediate !== undefined) clearImmediate(immediate)
  onImmediate()
}

function schedule(): NodeJS.Immediate {
  return (immediate ??= setImmediate(onImmediate).unref())
}

/** Sees to it that the loop turns. */
function wakeFor(referenced: boolean): void {
  const turning = schedule()
  if (referenced) turning.ref()
  // An unreferenced immediate does not keep the loop from sleeping, an unreferenced timer wakes it.
  else timer ??= setTimeout(onTimer, 1).unref()
}
