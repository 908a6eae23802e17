import { connect, listen, type Stream } from 'local-socket'

import { GREETING, type Contestant, type Findings, type Job } from '../job.js'
import { Conversation, IdleServer, Storm } from '../many.js'
import { Marks, Meter } from '../meter.js'
import { openMany } from '../roles.js'
import { polling, type BusyPoll } from './polling.js'

/** What a stream of `active` reads into. */
const BUFFER_BYTES = 4096

/** Waits for what an idle connection says, which is nothing. */
type Silence = (stream: Stream) => Promise<void>

const iterating: Silence = async (stream) => {
  for await (const _ of stream) spoke()
}

const byReaction: Silence = (stream) => stream.read().then(spoke)

function spoke(): never {
  throw new Error('an idle connection spoke')
}

function contestant(busyPoll: BusyPoll, silence: Silence = iterating): Contestant {
  return {
    async serve(job, listening) {
      const listener = await listen(job.path, { ...polling(busyPoll), backlog: 511 })
      listening()
      if (job.work === 'connect') return await greet(listener, job)
      return job.work === 'idle' ? await hold(listener, job, silence) : await echo(listener, job)
    },
    async drive(job) {
      const open = (): Promise<Stream> => connect(job.path, polling(busyPoll))
      if (job.work === 'connect') return await storm(open, job)
      return job.work === 'idle' ? await wait(open, job) : await talk(open, job)
    },
  }
}

/** Accepts so many connections, and serves each by itself. */
async function serveEach(
  listener: AsyncIterable<Stream>,
  count: number,
  serve: (stream: Stream) => Promise<void>,
): Promise<void> {
  const served: Promise<void>[] = []
  for await (const stream of listener) {
    served.push(serve(stream))
    if (served.length === count) break
  }
  await Promise.all(served)
}

async function greet(listener: AsyncIterable<Stream>, job: Job): Promise<Findings> {
  const marks = new Marks(job, 1)
  let closed = 0
  await serveEach(listener, job.warmUp + job.count, async (stream) => {
    await stream.write(GREETING)
    await stream.close()
    marks.reached(++closed)
  })
  return marks.findings()
}

async function storm(open: () => Promise<Stream>, job: Job): Promise<Findings> {
  const clocks = new Storm(job)
  await openMany(job.warmUp + job.count, async () => {
    const stream = await open()
    clocks.greeted(await stream.readExact(GREETING.length))
    if ((await stream.read()) !== null) throw new Error('more than a greeting came')
    await stream.close()
    clocks.closed()
  })
  return clocks.findings()
}

/** Every connection is read from, as a server does; nothing comes. */
function hold(listener: AsyncIterable<Stream>, job: Job, silence: Silence): Promise<Findings> {
  const server = new IdleServer(job)
  void serveEach(listener, job.warmUp + job.count, (stream) => {
    server.opened()
    return silence(stream)
  })
  return server.findings
}

/** Opens all, and waits until the server leaves. */
async function wait(open: () => Promise<Stream>, job: Job): Promise<Findings> {
  const meter = new Meter()
  meter.start()
  const streams = await openMany(job.warmUp + job.count, open)
  const findings = meter.stop()
  await streams[0]?.read()
  return findings
}

async function echo(listener: AsyncIterable<Stream>, job: Job): Promise<Findings> {
  const marks = new Marks(job)
  let total = 0
  await serveEach(listener, job.connections ?? 1, async (stream) => {
    const buffer = new Uint8Array(BUFFER_BYTES)
    for (;;) {
      const length = await stream.readInto(buffer)
      if (length === null) break
      total += length
      marks.reached(total)
      await stream.write(buffer.subarray(0, length))
    }
    await stream.close()
  })
  return marks.findings()
}

async function talk(open: () => Promise<Stream>, job: Job): Promise<Findings> {
  const all = new Conversation(job)
  const streams = await openMany(job.connections ?? 1, open)
  await Promise.all(
    streams.map(async (stream) => {
      const line = all.line()
      const buffer = new Uint8Array(BUFFER_BYTES)
      for (let message = line.next(); message !== undefined; message = line.next()) {
        await stream.write(message)
        while (line.waiting) {
          const length = await stream.readInto(buffer)
          if (length === null) throw new Error('the connection ended before all had come')
          line.take(buffer, length)
        }
      }
    }),
  )
  await Promise.all(streams.map((stream) => stream.close()))
  return all.findings()
}

export const many: Contestant = contestant('off')
/** Reads by a callback, as who serves thousands of idle connections would. */
export const byThen: Contestant = contestant('off', byReaction)
export const manyAdaptive: Contestant = contestant('adaptive')
