/**
 * Waiting awake. Waking a process that sleeps takes many times as long as handing it a few bytes;
 * so a stream whose bytes are expected at once is looked at over and over for a short time before
 * the loop sleeps.
 *
 * It is done in steps of a few microseconds. One that nobody was answered by ends the turn of the
 * loop, so that timers and other I/O go on; one with an answer is followed by the next at once, for
 * a short time. All streams that wait awake share the steps; one alone waits in the very call that
 * reads, which saves another.
 *
 * The drawbacks: the loop counts as busy meanwhile; and on a core that others want, staying awake
 * uses up the share that a sleeper would have been woken with. Yielding the core between two looks
 * is no way out, since it gives away a whole time slice. So adaptive streams sleep where looks took
 * far longer than they were given again and again: then somebody else wants the core.
 */
import { EAGAIN } from './binding.js'
import { CoreWatch, TAKEN_AWAY_MS } from './core-watch.js'
import { announceInput, native } from './endpoint.js'
import type { Slot } from './endpoint.js'
import { enqueue, takeTurns } from './turn.js'

/** How long one step looks, in nanoseconds: what timers and other I/O may be held up. */
const STEP_NANOS = 10_000

/**
 * How long a turn of the loop may go on with looks, in milliseconds, as long as each is answered: a
 * turn costs more than a look.
 */
const LONGEST_TURN_MS = 0.05

/**
 * How many microtasks may pass between an answer and the next wait, for the turn to go on: one or
 * two for each `await` on the way.
 */
const MOST_HOPS = 8

/** How many streams may wait awake at once. Those beyond sleep: there is enough else to do. */
const MOST_SPINNING = 16

const ids = new Int32Array(MOST_SPINNING)
/** Who waits awake: the first `count` of them, and until when. */
const awake: (Slot | undefined)[] = Array.from({ length: MOST_SPINNING })
const deadlines = new Float64Array(MOST_SPINNING)
let count = 0
let immediate: NodeJS.Immediate | undefined
/** When the present turn of the loop came to the looks. */
let turnBegan = 0
/** The present turn goes on with looks: none has to be scheduled. */
let goingOn = false
/** How many microtasks have passed since somebody was answered. */
let hops = 0
const resolved = Promise.resolve()
const core = new CoreWatch()

/** The stream has nothing to read, and somebody waits for it. */
export function awaitInput(slot: Slot): void {
  const { patience } = slot
  if (patience === undefined) return
  const now = performance.now()
  const until = patience.begin(now, !core.isPaused(now))
  if (until === undefined) return
  // Whom the poller told of bytes is among them still if no step has looked since.
  let place = awake.indexOf(slot)
  if (place === -1) {
    // Those that wait no more are let go by the next step, or here, where their place is needed.
    if (count === MOST_SPINNING) keep(isAwaited)
    if (count === MOST_SPINNING) {
      patience.giveUp()
      return
    }
    place = count
    awake[place] = slot
    count += 1
  }
  deadlines[place] = until
  if (!goingOn) schedule(slot.referenced)
}

/** An immediate that nobody needs does not keep the loop from sleeping, nor the process alive. */
function schedule(referenced: boolean): void {
  if (immediate === undefined) {
    immediate = setImmediate(onImmediate)
    if (!referenced) immediate.unref()
  } else if (referenced) immediate.ref()
}

function onImmediate(): void {
  immediate = undefined
  turnBegan = performance.now()
  goOn()
}

/** Looks until that is in vain, nobody waits, or the turn has lasted long enough. */
function goOn(): void {
  goingOn = true
  do {
    let mayGoOn = false
    try {
      mayGoOn = look()
    } finally {
      if (!mayGoOn) rest()
    }
    if (!mayGoOn) return
  } while (count > 0)
  hops = 0
  void resolved.then(hop)
}

/** Those who were answered by way of promises may wait again. */
function hop(): void {
  if (count > 0) goOn()
  else if (++hops < MOST_HOPS) void resolved.then(hop)
  else rest()
}

/** The loop turns before the next look. */
function rest(): void {
  goingOn = false
  if (count > 0) schedule(isAnyReferenced())
}

/** One step. Whether somebody was answered, and the turn may go on. */
function look(): boolean {
  const began = performance.now()
  keep((slot, until) => isAwaited(slot) && !isOver(slot, until, began))
  if (count === 0) return false
  const answered = count === 1 ? lookAtOne(awake[0] as Slot) : lookAtMany(began)
  return answered && performance.now() - turnBegan < LONGEST_TURN_MS
}

/** The read that waits is attempted, and waits awake in the system's own call. */
function lookAtOne(slot: Slot): boolean {
  slot.looking = true
  slot.ready = true
  const input = slot.owner?.input
  if (input !== undefined) enqueue(input)
  takeTurns()
  if (!slot.looking) return true
  slot.looking = slot.ready = false
  return false
}

/** Reads what has come, or comes within a step: a number of bytes, 0 for the end, or a negative errno. */
export function readAwake(slot: Slot, into: Uint8Array, offset: number, length: number): number {
  const began = performance.now()
  const read = native().calls.readAwake(slot.id, into, offset, length, STEP_NANOS)
  const now = performance.now()
  if (read !== EAGAIN) {
    slot.looking = false
    slot.patience?.end(now)
    keep((other) => other !== slot)
  }
  if (now - began > TAKEN_AWAY_MS) giveWay(now)
  return read
}

function lookAtMany(began: number): boolean {
  for (let i = 0; i < count; i += 1) ids[i] = (awake[i] as Slot).id
  const ready = native().calls.spin(ids, count, STEP_NANOS)
  const now = performance.now()
  for (let i = 0; i < ready; i += 1) announceInput(awake[ids[i] as number] as Slot, now)
  if (now - began > TAKEN_AWAY_MS) giveWay(now)
  keep((slot) => !slot.ready)
  if (ready > 0) takeTurns()
  return ready > 0
}

/** Whether it has stayed awake for as long as it may, which was in vain. */
function isOver(slot: Slot, until: number, now: number): boolean {
  if (now < until) return false
  slot.patience?.inVain()
  return true
}

/** Whether somebody still waits for this stream's bytes, and they have not come. */
function isAwaited(slot: Slot): boolean {
  return slot.open && !slot.ready && slot.owner?.input !== undefined
}

/** Those for which it holds stay awake. What the others attempted says nothing, unless it is over. */
function keep(holds: (slot: Slot, until: number) => boolean): void {
  let kept = 0
  for (let i = 0; i < count; i += 1) {
    const slot = awake[i] as Slot
    const until = deadlines[i] as number
    if (!holds(slot, until)) {
      slot.patience?.giveUp()
      continue
    }
    awake[kept] = slot
    deadlines[kept] = until
    kept += 1
  }
  awake.fill(undefined, kept, count)
  count = kept
}

function isAnyReferenced(): boolean {
  for (let i = 0; i < count; i += 1) if ((awake[i] as Slot).referenced) return true
  return false
}

/** The core was taken away during a look. Who asked for a fixed time stays awake all the same. */
function giveWay(now: number): void {
  core.takenAway(now)
  keep((slot) => slot.patience?.adaptive === false)
}
