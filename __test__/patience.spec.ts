import { availableParallelism } from 'node:os'

import test, { type ExecutionContext } from 'ava'

import { Patience, patienceFor } from './helpers/internals.js'

/** Milliseconds: a peer that answers at once, and one that takes its time. */
const SHORT = 0.01
const LONG = 5

/** Longer than a wait stays awake, and yet so short that staying awake was worth a try. */
const LATE = 0.12

/** More waits that are slept through than go before one that stays awake to see. */
const UP_TO_A_TRIAL = 512

/** More waits of one kind than any change of mind takes. */
const MANY = 50

/** Waits one after the other; gives for each whether it was to stay awake. */
class Waits {
  now = 1_000
  readonly patience: InstanceType<typeof Patience>

  constructor(patience: InstanceType<typeof Patience> = new Patience('adaptive')) {
    this.patience = patience
  }

  wait(milliseconds: number): boolean {
    const until = this.patience.begin(this.now, true)
    this.now += milliseconds
    this.patience.end(this.now)
    return until !== undefined
  }

  many(milliseconds: number, count: number = MANY): boolean[] {
    return Array.from({ length: count }, () => this.wait(milliseconds))
  }
}

/** How many waits it took until one was to stay awake, or to be slept through. */
function changeOf(t: ExecutionContext, awake: boolean, waits: readonly boolean[]): number {
  const first = waits.indexOf(awake)
  t.true(first >= 0, `none of ${waits.length} waits was ${awake ? 'awake' : 'slept through'}`)
  t.true(
    waits.slice(first).every((wait) => wait === awake),
    'its mind changed more than once',
  )
  return first
}

test('who was told to sleep has no patience to keep', (t) => {
  t.is(patienceFor('off'), undefined)
  t.true(patienceFor({ maxMicros: 1 }) instanceof Patience)
})

test('adaptive waits are slept through where the process has a single core', (t) => {
  t.is(patienceFor('adaptive') instanceof Patience, availableParallelism() > 1)
})

test('the first wait is slept through, since nothing speaks for a short one', (t) => {
  t.is(new Patience('adaptive').begin(0, true), undefined)
})

test('a few short waits convince', (t) => {
  const needed = changeOf(t, true, new Waits().many(SHORT))
  t.true(needed >= 1 && needed <= 8, `${needed} waits`)
})

test('waits that were always long are all slept through', (t) => {
  t.false(new Waits().many(LONG).includes(true))
})

test('a few long waits stop it, however many short ones went before', (t) => {
  const waits = new Waits()
  waits.many(SHORT, 10_000)
  const needed = changeOf(t, false, waits.many(LONG))
  t.true(needed >= 1 && needed <= 8, `${needed} waits`)
})

test('a few short waits convince again, however many and however long the ones before', (t) => {
  const waits = new Waits()
  waits.many(3_600_000, 1_000)
  const needed = changeOf(t, true, waits.many(SHORT))
  t.true(needed >= 1 && needed <= 10, `${needed} waits`)
})

test('an hour of silence between two bursts is one long wait and no more', (t) => {
  const waits = new Waits()
  waits.many(SHORT)
  for (let burst = 0; burst < 10; burst += 1) {
    waits.wait(3_600_000)
    t.false(waits.many(SHORT).includes(false), `burst ${burst}`)
  }
})

test('waits that are as often long as short are mostly slept through', (t) => {
  const waits = new Waits()
  const awake = Array.from({ length: MANY }, (_, index) => waits.wait(index % 2 ? SHORT : LONG))
  t.true(awake.filter(Boolean).length < MANY / 4)
})

test('an adaptive wait stays awake for a tenth of a millisecond at the most', (t) => {
  const waits = new Waits()
  waits.many(SHORT)
  const end = waits.patience.begin(waits.now, true)
  t.true(end !== undefined && end > waits.now && end <= waits.now + 0.1 + 1e-9, String(end))
})

test('a fixed time holds for every wait, whatever came of those before', (t) => {
  for (const maxMicros of [1, 50, 1_000_000]) {
    const patience = new Patience({ maxMicros })
    t.is(patience.begin(1_000, true), 1_000 + maxMicros / 1_000)
    patience.end(2_000)
    const waits = new Waits(patience)
    t.false(waits.many(LONG).includes(false))
    t.false(waits.many(SHORT).includes(false))
  }
})

test('who waits again after cancelling still waits: it is neither a new wait nor a short one', (t) => {
  for (const patience of [new Patience('adaptive'), new Patience({ maxMicros: 50 })]) {
    const waits = new Waits(patience)
    waits.many(SHORT)
    t.not(patience.begin(waits.now, true), undefined)
    for (let again = 0; again < MANY; again += 1) {
      waits.now += SHORT
      t.is(patience.begin(waits.now, true), undefined)
    }
  }
})

test('a wait that was cancelled again and again counts once, and from its beginning', (t) => {
  const often = new Waits()
  const once = new Waits()
  often.many(SHORT)
  once.many(SHORT)
  for (let wait = 0; wait < 10; wait += 1) {
    const awake = often.patience.begin(often.now, true) !== undefined
    for (let again = 0; again < 10; again += 1) {
      often.now += LONG / 10
      often.patience.begin(often.now, true)
    }
    often.patience.end(often.now)
    t.is(awake, once.wait(LONG), `wait ${wait}`)
  }
})

test('bytes that nobody waited for say nothing', (t) => {
  const waits = new Waits()
  for (let arrival = 0; arrival < MANY; arrival += 1) waits.patience.end((waits.now += SHORT))
  t.false(waits.wait(SHORT))
})

/** A wait in which the stream stays awake, if it may, but what it waits for comes too late. */
function late(waits: Waits): boolean {
  const awake = waits.patience.begin(waits.now, true) !== undefined
  if (awake) waits.patience.inVain()
  waits.patience.end((waits.now += LATE))
  return awake
}

test('staying awake stops when it is mostly in vain, however short the waits', (t) => {
  const waits = new Waits()
  waits.many(SHORT, 1_000)
  const needed = changeOf(
    t,
    false,
    Array.from({ length: MANY }, () => late(waits)),
  )
  t.true(needed >= 2 && needed <= 16, `${needed} waits`)
})

test('after so many waits asleep one stays awake, and goes on if that was not in vain', (t) => {
  const waits = new Waits()
  waits.many(SHORT)
  for (let wait = 0; wait < MANY; wait += 1) late(waits)
  const tries = Array.from({ length: 10 * UP_TO_A_TRIAL }, () => late(waits)).filter(Boolean).length
  t.true(tries >= 9 && tries <= 80, `${tries} trials`)
  const first = waits.many(SHORT, UP_TO_A_TRIAL).indexOf(true)
  t.true(first >= 0, 'no trial')
  t.false(waits.many(SHORT).includes(false), 'it did not go on')
})

test('on a core that others want, only who asked for a fixed time stays awake', (t) => {
  const adaptive = new Waits()
  adaptive.many(SHORT)
  t.is(adaptive.patience.begin(adaptive.now, false), undefined)
  adaptive.patience.end((adaptive.now += SHORT))
  t.true(adaptive.wait(SHORT), 'the core is free again')
  t.is(new Patience({ maxMicros: 50 }).begin(1_000, false), 1_000.05)
})

test('an attempt that was given up counts neither as a success nor as a failure', (t) => {
  const waits = new Waits()
  waits.many(SHORT)
  // As many failures as it takes, less one, with given up ones between them.
  const stops = changeOf(
    t,
    false,
    Array.from({ length: MANY }, () => late(waits)),
  )
  const again = new Waits()
  again.many(SHORT)
  for (let wait = 0; wait < stops - 1; wait += 1) {
    t.true(late(again))
    for (let time = 0; time < 3; time += 1) {
      t.not(again.patience.begin(again.now, true), undefined)
      again.patience.giveUp()
      again.patience.inVain()
      again.patience.end((again.now += SHORT))
    }
  }
  t.true(late(again))
  t.false(late(again))
})
