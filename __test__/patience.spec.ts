import test, { type ExecutionContext } from 'ava'

import { Patience, patienceFor } from './helpers/internals.js'

/** Milliseconds: a peer that answers at once, and one that takes its time. */
const SHORT = 0.01
const LONG = 5

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
    const until = this.patience.begin(this.now)
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
  t.true(patienceFor('adaptive') instanceof Patience)
})

test('the first wait is slept through, since nothing speaks for a short one', (t) => {
  t.is(new Patience('adaptive').begin(0), undefined)
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
  const end = waits.patience.begin(waits.now)
  t.true(end !== undefined && end > waits.now && end <= waits.now + 0.1 + 1e-9, String(end))
})

test('a fixed time holds for every wait, whatever came of those before', (t) => {
  for (const maxMicros of [1, 50, 1_000_000]) {
    const patience = new Patience({ maxMicros })
    t.is(patience.begin(1_000), 1_000 + maxMicros / 1_000)
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
    t.not(patience.begin(waits.now), undefined)
    for (let again = 0; again < MANY; again += 1) {
      waits.now += SHORT
      t.is(patience.begin(waits.now), undefined)
    }
  }
})

test('a wait that was cancelled again and again counts once, and from its beginning', (t) => {
  const often = new Waits()
  const once = new Waits()
  often.many(SHORT)
  once.many(SHORT)
  for (let wait = 0; wait < 10; wait += 1) {
    const awake = often.patience.begin(often.now) !== undefined
    for (let again = 0; again < 10; again += 1) {
      often.now += LONG / 10
      often.patience.begin(often.now)
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
