import test from 'ava'

import { CoreWatch } from './helpers/internals.js'

/** A core, and a clock that stands still between the calls. */
class Core {
  now = 1_000
  readonly watch: InstanceType<typeof CoreWatch> = new CoreWatch()

  /** How long it is paused from now on, in whole milliseconds. */
  pause(): number {
    let over = 0
    while (this.watch.isPaused(this.now + over)) over += 1
    return over
  }
}

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
