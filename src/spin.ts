/**
 * Waiting awake. Waking a process that sleeps takes many times as long as handing it a few bytes;
 * so a stream whose bytes are expected at once is looked at over and over for a short time before
 * the loop sleeps.
 *
 * It is done in steps of a few microseconds, each an immediate of its own, so that timers and other
 * I/O go on between them. All streams that wait awake share the steps.
 *
 * The drawbacks: the loop counts as busy meanwhile; and on a core that others want, staying awake
 * uses up the share that a sleeper would have been woken with. A step that took far longer than it
 * was given shows that the core was taken away, and then all of this thread's streams sleep for a
 * while.
 */
import { announceInput, native } from './endpoint.js'
import type { Slot } from './endpoint.js'
import { takeTurns } from './turn.js'

/** How long one step looks, in nanoseconds: what timers and other I/O may be held up. */
const STEP_NANOS = 10_000

/** How long a wait only looks before it lets others have the core, too, in nanoseconds. */
const CALM_NANOS = 2_000

/** How many streams may wait awake at once. Those beyond sleep: there is enough else to do. */
const MOST_SPINNING = 16

/** A step that took so much longer than it was given had its core taken away, in milliseconds. */
const TAKEN_AWAY_MS = 0.5

/**
 * How long nobody stays awake after that, in milliseconds: twice as long each time, up to the
 * longest, until the core was left alone for {@link LEFT_ALONE_MS}.
 */
const FIRST_PAUSE_MS = 10
const LONGEST_PAUSE_MS = 1_000
const LEFT_ALONE_MS = 10_000

const ids = new Int32Array(MOST_SPINNING)
/** Who waits awake: the first `count` of them, and until when. */
const awake: (Slot | undefined)[] = Array.from({ length: MOST_SPINNING })
const deadlines = new Float64Array(MOST_SPINNING)
let count = 0
/** No step has looked since somebody joined. */
let fresh = false
let immediate: NodeJS.Immediate | undefined
/** When adaptive waits may stay awake again. */
let pausedUntil = Number.NEGATIVE_INFINITY
let pause = FIRST_PAUSE_MS

/** The stream has nothing to read, and somebody waits for it. */
export function awaitInput(slot: Slot): void {
  const { patience } = slot
  if (patience === undefined) return
  const now = performance.now()
  const until = patience.begin(now)
  if (until === undefined) return
  // Whom the poller told of bytes is among them still if no step has looked since.
  let place = awake.indexOf(slot)
  if (place === -1) {
    if (patience.adaptive && now < pausedUntil) return
    // Those that wait no more are let go by the next step, or here, where their place is needed.
    if (count === MOST_SPINNING) keep(isAwaited)
    if (count === MOST_SPINNING) return
    place = count
    awake[place] = slot
    count += 1
  }
  deadlines[place] = until
  fresh = true
  schedule(slot.referenced)
}

/** An immediate that nobody needs does not keep the loop from sleeping, nor the process alive. */
function schedule(referenced: boolean): void {
  if (immediate === undefined) {
    immediate = setImmediate(step)
    if (!referenced) immediate.unref()
  } else if (referenced) immediate.ref()
}

function step(): void {
  immediate = undefined
  const began = performance.now()
  keep((slot, until) => until > began && isAwaited(slot))
  if (count === 0) return
  for (let i = 0; i < count; i += 1) ids[i] = (awake[i] as Slot).id
  const ready = native().calls.spin(ids, count, fresh ? CALM_NANOS : 0, STEP_NANOS)
  fresh = false
  const now = performance.now()
  for (let i = 0; i < ready; i += 1) announceInput(awake[ids[i] as number] as Slot, now)
  if (now - began > TAKEN_AWAY_MS) sleepForAWhile(now)
  keep((slot) => !slot.ready)
  if (count > 0) schedule(isAnyReferenced())
  if (ready > 0) takeTurns()
}

/** Whether somebody still waits for this stream's bytes, and they have not come. */
function isAwaited(slot: Slot): boolean {
  return slot.open && !slot.ready && slot.owner?.input !== undefined
}

/** Those for which it holds stay awake. */
function keep(holds: (slot: Slot, until: number) => boolean): void {
  let kept = 0
  for (let i = 0; i < count; i += 1) {
    const slot = awake[i] as Slot
    const until = deadlines[i] as number
    if (!holds(slot, until)) continue
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

/** The core was taken away while a step looked. Who asked for a fixed time stays awake all the same. */
function sleepForAWhile(now: number): void {
  pause = now - pausedUntil > LEFT_ALONE_MS ? FIRST_PAUSE_MS : Math.min(2 * pause, LONGEST_PAUSE_MS)
  pausedUntil = now + pause
  keep((slot) => slot.patience?.adaptive === false)
}
