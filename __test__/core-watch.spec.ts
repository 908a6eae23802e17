import test from 'ava'

import { CoreWatch } from './helpers/internals.js'

/** A core, and a clock that stands still between the calls. */
class Core {
  now = 1_000
  interruptions = 5_000
  readonly watch: InstanceType<typeof CoreWatch> = new CoreWatch(() => this.interruptions)

  /** Waits of half a millisecond, of which that share is interrupted: how many found it free. */
  waits(count: number, share: number): number {
    let free = 0
    for (let wait = 0; wait < count; wait += 1) {
      this.now += 0.5
      this.interruptions += share
      if (this.watch.noteWait(this.now)) free += 1
    }
    return free
  }

  /** How long it is paused from now on, in whole milliseconds. */
  pause(): number {
    let over = 0
    while (this.watch.isPaused(this.now + over)) over += 1
    return over
  }
}

test('what happened before it watched says nothing', (t) => {
  const core = new Core()
  t.is(core.waits(1_000, 0), 1_000)
})

test('a few interruptions are borne, and one in two waits is too much', (t) => {
  t.is(new Core().waits(1_000, 0.1), 1_000)
  const core = new Core()
  t.true(core.waits(6_000, 0.5) < 2_000)
})

test('as long as waits are interrupted, pauses get longer, up to a second', (t) => {
  const core = new Core()
  const pauses: number[] = []
  for (let wait = 0; wait < 2_000 && pauses.length < 9; wait += 1) {
    core.waits(1, 1)
    const pause = core.pause()
    if (pause > 0) pauses.push(pause)
    core.now += pause
  }
  t.deepEqual(pauses, [10, 20, 40, 80, 160, 320, 640, 1_000, 1_000])
})

test('before each pause a longer wait is asked for, once', (t) => {
  const core = new Core()
  for (let again = 0; again < 2; again += 1) {
    t.false(core.watch.takeLonger())
    core.waits(64, 1)
    t.is(core.pause(), 0)
    t.true(core.watch.takeLonger())
    t.false(core.watch.takeLonger())
    core.waits(64, 1)
    t.true(core.pause() > 0)
    core.now += core.pause()
  }
})

test('a period without interruptions makes the next pause short again', (t) => {
  const core = new Core()
  for (let again = 0; again < 2; again += 1) {
    while (core.pause() === 0) core.waits(1, 1)
    t.is(core.pause(), 10)
    core.now += 10
    core.waits(500, 0)
  }
})

test('a count that wraps around is no sign', (t) => {
  const core = new Core()
  core.waits(10, 0)
  core.interruptions = 0
  t.is(core.waits(500, 0), 500)
})

test('a core that was taken away now and then leads to no pause', (t) => {
  const core = new Core()
  for (let time = 0; time < 20; time += 1) {
    core.watch.takenAway((core.now += 20))
    t.is(core.pause(), 0)
  }
})

test('a core that is taken away again soon leads to pauses, twice as long each time', (t) => {
  const core = new Core()
  const pauses: number[] = []
  for (let time = 0; time < 13; time += 1) {
    core.watch.takenAway(core.now)
    const pause = core.pause()
    pauses.push(pause)
    core.now += pause + 5
  }
  t.deepEqual(pauses, [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000, 1_000])
  core.watch.takenAway((core.now += 20))
  t.is(core.pause(), 0)
})
