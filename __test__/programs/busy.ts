// Lives and ends of streams that wait awake: busy.js <scenario> <name>
// The test listens on `name`. Says {ready} once all is set up, {idle} if the loop ever ran empty,
// {warning} for a process warning, and {steps} at the end: how often it looked for bytes
// since the scenario last set that to 0.
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { once } from 'node:events'
import { isMainThread, parentPort, Worker } from 'node:worker_threads'

import { connect, type Stream } from 'local-socket'

import { Looks } from '../helpers/awake.js'
import { bytes, text } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [scenario, name] = process.argv.slice(2) as [string, string]
const looks = new Looks()

function open(maxMicros = 1_000_000): Promise<Stream> {
  return connect(name, { busyPoll: { maxMicros } })
}

async function awake(stream: Stream): Promise<void> {
  while (looks.at(stream) === 0) await delay(1)
}

function closing(stream: Stream): void {
  stream.read().then(
    () => stream.close(),
    () => undefined,
  )
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  'an unreferenced stream': async () => closing((await open()).unref()),
  'a stream that is unreferenced while it waits': async () => {
    const stream = await open()
    closing(stream)
    await awake(stream)
    stream.unref()
    looks.steps = 0
  },
  'a stream whose time awake is over': async () => closing(await open(1_000)),
  'a stream': async () => {
    const stream = await open()
    closing(stream)
    await awake(stream)
  },
  'process.exit': async () => {
    const stream = await open()
    void stream.read()
    await awake(stream)
    void stream.write(bytes(20_000))
    process.exit(7)
  },
  'errors where reads continue': async () => {
    const seen: string[] = []
    process.on('uncaughtException', (error) => seen.push(error.message))
    const streams = await Promise.all(Array.from({ length: 8 }, () => open()))
    const served = streams.map(throwing)
    await Promise.all(streams.map(awake))
    say({ ready: true })
    await Promise.all(served)
    say({ seen: seen.toSorted() })
  },
  'a read that waits': async () => {
    void open().then(async (stream) => say({ read: text(await stream.read()) }))
    await collect()
  },
  'a stream that was forgotten after it waited': async () => {
    await waitInVain(await open())
    await collect()
  },
  workers: async () => {
    const workers = Array.from({ length: 3 }, () => worker())
    await Promise.all(workers.map((each) => once(each, 'message')))
    say({ ready: true })
    const exits = await Promise.all(
      workers.map(async (each) => (await once(each, 'exit')) as unknown[]),
    )
    say({ exits: exits.flat() })
  },
  'terminated workers': async () => {
    for (let round = 0; round < 20; round += 1) {
      const workers = [worker(), worker()]
      await Promise.all(workers.map((each) => once(each, 'message')))
      await Promise.all(workers.map((each) => each.terminate()))
    }
  },
}

/** Answers, and throws outside of any promise, where its read continues. */
async function throwing(stream: Stream): Promise<void> {
  const which = text(await stream.read())
  queueMicrotask(() => {
    throw new Error(`boom ${which}`)
  })
  await stream.write(which)
  await stream.read()
  await stream.close()
}

async function waitInVain(stream: Stream): Promise<void> {
  const abort = new AbortController()
  const read = stream.read({ signal: abort.signal }).catch(() => undefined)
  await awake(stream)
  abort.abort()
  await read
}

async function collect(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  for (let round = 0; round < 50; round += 1) {
    globalThis.gc()
    await delay(2)
  }
}

function worker(): Worker {
  return new Worker(fileURLToPath(import.meta.url), { argv: [scenario, name] })
}

/** Posts as soon as its stream waits awake; then echoes what comes, awake between all of it. */
async function inWorker(): Promise<void> {
  const stream = await open()
  const first = stream.read()
  await awake(stream)
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
  parentPort?.postMessage('awake')
  for (let chunk = await first; chunk !== null; chunk = await stream.read())
    await stream.write(chunk)
  await stream.close()
}

async function main(): Promise<void> {
  process.on('beforeExit', () => say({ idle: true }))
  process.on('exit', () => say({ steps: looks.steps }))
  process.on('warning', (warning: Error & { code?: string }) => say({ warning: warning.code }))
  const set = scenarios[scenario]
  if (set === undefined) throw new Error(`no scenario ${scenario}`)
  await set()
  say({ ready: true })
}

void (isMainThread ? main() : inWorker())
