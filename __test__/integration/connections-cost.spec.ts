import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

import test from 'ava'
import type { Listener, Stream } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { uniqueName } from '../helpers/names.js'
import { connected, fill, listening, pair } from '../helpers/pair.js'
import { startProgram } from '../helpers/process.js'
import { linuxSerial } from '../helpers/tests.js'
import { eventually, PATIENCE_MS, within } from '../helpers/within.js'

const MANY_MS = 30_000

test.serial('a storm of 2,000 connections is served whole while timers keep firing', async (t) => {
  t.timeout(4 * MANY_MS)
  const name = uniqueName(t)
  const listener = await listening(t, name, { backlog: 2000 })
  const programs = Array.from({ length: 4 }, () => startProgram(t, 'storm', [name, '500']))
  // All knock before the first is let in.
  await Promise.all(programs.map((program) => program.message('500 knocks', MANY_MS)))

  const ticks = new Ticks()
  const served = serve(listener, 2000, () => ticks.count())
  for (const program of programs) {
    t.deepEqual(await program.message('500 answers', MANY_MS), { served: 500 })
  }
  await within(served, MANY_MS, 'the end of 2,000 connections')
  ticks.stop()
  t.is(ticks.total, 2000)
  // What may be done at once in a turn is 256 operations; a timer of 1 ms can miss a short turn.
  t.true(ticks.most <= 1024, `${ticks.most} connections were accepted between two ticks`)
})

test.serial('1,000 active connections each get their own answers, round after round', async (t) => {
  t.timeout(3 * MANY_MS)
  const name = uniqueName(t)
  const server = startProgram(t, 'server', ['echo', name, '1000'])
  await server.message('the listener')
  const streams = await within(
    Promise.all(Array.from({ length: 1000 }, () => connected(t, name, { timeout: MANY_MS }))),
    MANY_MS,
    '1,000 connects',
  )
  t.deepEqual(await server.message('1,000 open connections', MANY_MS), { open: 1000 })
  const right = await within(Promise.all(streams.map(converse)), MANY_MS, '10,000 answers')
  t.deepEqual(new Set(right), new Set([10]))
})

test.serial('an idle connection keeps little of the heap, and nothing once closed', async (t) => {
  t.timeout(4 * MANY_MS)
  const name = uniqueName(t)
  const server = startProgram(t, 'held', [name, '1000'], { execArgv: ['--expose-gc'] })
  await server.message('the listener')
  const round = async (): Promise<{ open: number; closed: number }> => {
    const connects = Array.from({ length: 1000 }, () => connected(t, name, { timeout: MANY_MS }))
    const streams = await within(Promise.all(connects), MANY_MS, '1,000 connects')
    const open = await server.message<{ heapUsed: number }>('1,000 accepts', MANY_MS)
    for (const stream of streams) stream.destroy()
    const closed = await server.message<{ heapUsed: number }>('1,000 closes', MANY_MS)
    return { open: open.heapUsed, closed: closed.heapUsed }
  }
  // Tables grow and code is compiled in the first, and a little of that also later.
  const first = await round()
  const second = await round()
  const each = (second.open - first.closed) / 1000
  t.true(each < 2048, `${each} bytes for each`)
  await round()
  const last = await round()
  const left = (last.closed - first.closed) / 3000
  t.true(left < 200, `${left} bytes are left of each`)
})

// A size that systems differ in.
linuxSerial('a stream that is written to faster than it is read has room for more', async (t) => {
  const { client, server } = await pair(t)
  const bySmallWrites = fill(client, 4096)
  const { client: other } = await pair(t)
  const byLargeWrites = fill(other)
  // The system's own buffer takes less than 213,000 bytes, its bookkeeping included.
  for (const total of [bySmallWrites, byLargeWrites]) t.true(total > 213_000, `${total} bytes`)
  t.is(
    (await within(server.readExact(bySmallWrites), PATIENCE_MS, 'all of it')).length,
    bySmallWrites,
  )
})

linuxSerial('a closed stream is watched no more, whoever else has its descriptor', async (t) => {
  const { client, server } = await pair(t)
  const other = await pair(t)
  const watched = watchedDescriptors()
  const sleeper = spawn('sleep', ['60'], { stdio: [client.fd, 'ignore', 'ignore'] })
  t.teardown(() => sleeper.kill('SIGKILL'))
  await client.close()
  await other.client.close()
  await eventually(
    () => watchedDescriptors() <= watched - 2,
    PATIENCE_MS,
    'two are watched no more',
  )
  // It is open all the same, since the other process has it.
  t.true(server.tryWrite('to nobody') > 0)
  t.is(server.tryRead(), undefined)
  t.is(await within(other.server.read(), PATIENCE_MS, 'the end of the other'), null)
})

/** Ten rounds with an echo: how many brought back what was sent. */
async function converse(stream: Stream, index: number): Promise<number> {
  let right = 0
  for (let round = 0; round < 10; round += 1) {
    const words = `connection ${index} in round ${round}`
    await stream.write(words)
    if (text(await stream.readExact(words.length)) === words) right += 1
  }
  return right
}

/** Echoes to each connection what it sends first, and closes it. */
async function serve(listener: Listener, count: number, accepted: () => void): Promise<void> {
  const served: Promise<void>[] = []
  for await (const stream of listener) {
    accepted()
    served.push(answer(stream))
    if (served.length === count) break
  }
  await Promise.all(served)
}

async function answer(stream: Stream): Promise<void> {
  await stream.write(await stream.readExact(8))
  await stream.close()
}

/** How much is counted between two ticks of a timer. */
class Ticks {
  total = 0
  most = 0
  #since = 0
  #stopped = false

  constructor() {
    void this.#tick()
  }

  count(): void {
    this.total += 1
    this.#since += 1
    this.most = Math.max(this.most, this.#since)
  }

  stop(): void {
    this.#stopped = true
  }

  async #tick(): Promise<void> {
    while (!this.#stopped) {
      await delay(1)
      this.#since = 0
    }
  }
}

/** How many descriptors the pollers of this process watch (proc(5), fdinfo). */
function watchedDescriptors(): number {
  let count = 0
  for (const fd of readdirSync('/proc/self/fdinfo')) {
    count += fdinfo(fd).match(/^tfd:/gm)?.length ?? 0
  }
  return count
}

function fdinfo(fd: string): string {
  try {
    return readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')
  } catch {
    // The one that listed them is gone.
    return ''
  }
}
