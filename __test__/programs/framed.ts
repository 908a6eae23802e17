// Framed streams in a process of their own: framed.js <scenario> <name>
// The test listens on `name` and takes part in the scenario; see each for what it says.
import { setTimeout as delay } from 'node:timers/promises'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { fileURLToPath } from 'node:url'

import { connect } from 'local-socket'
import { framed, type Framed } from 'local-socket/framed'

import { bytes } from '../helpers/checksum.js'
import { say, standStill } from '../helpers/say.js'

const [scenario, name] = process.argv.slice(2) as [string, string]
const held: unknown[] = []

function sendThree(messages: Framed): void {
  for (let index = 0; index < 3; index += 1) messages.send(bytes(20_000, index))
}

async function collect(): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  for (let round = 0; round < 50; round += 1) {
    globalThis.gc()
    await delay(2)
  }
  say({ settled: true })
}

const open = async (): Promise<Framed> => framed(await connect(name))

/** Gives up on a message of which 50,000 bytes have come. */
async function receivePart(): Promise<void> {
  const stream = await connect(name)
  const abort = new AbortController()
  const message = framed(stream)
    .receive({ signal: abort.signal })
    .catch(() => undefined)
  while (stream.bytesRead < 50_000) await delay(1)
  abort.abort()
  await message
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  'first message': async () => {
    const messages = await open()
    messages.send('at once')
    messages.send('later')
    standStill()
    say({ turned: true })
  },
  'process.exit': async () => {
    sendThree(await open())
    process.exit(7)
  },
  'process.exit after close': async () => {
    const messages = await open()
    sendThree(messages)
    void messages.close()
    process.exit(7)
  },
  'a natural end': async () => {
    const messages = await open()
    messages.unref()
    sendThree(messages)
    process.exitCode = 7
  },
  'an uncaught error in onBatch': async () => {
    const messages = await open()
    messages.onBatch = () => {
      sendThree(messages)
      throw new Error('on purpose')
    }
  },
  'errors in onBatch that are handled': async () => {
    const seen: string[] = []
    process.on('uncaughtException', (error) => seen.push(error.message))
    const messages = await open()
    messages.onBatch = (batch) => {
      for (const message of batch) messages.send(message)
      throw new Error(`boom ${batch.length}`)
    }
    await messages.ended
    await messages.close()
    say({ seen })
  },
  forgotten: async () => {
    await open()
    await collect()
  },
  'forgotten with part of a message': async () => {
    await receivePart()
    await collect()
  },
  'unsent messages': async () => {
    const messages = await open()
    for (let index = 0; index < 100; index += 1) messages.send(bytes(100_000, index))
    await collect()
  },
  onBatch: async () => {
    // Of whoever opened it, nothing is left that would hold it.
    await open().then((messages) => {
      messages.onBatch = (batch) => say({ length: batch.at(0).byteLength })
    })
    await collect()
  },
  'idle connections': async () => {
    const count = 500
    for (let index = 0; index < count; index += 1) {
      const messages = await open()
      held.push(messages)
      messages.onBatch = (batch) => void messages.send(batch.at(0))
    }
    globalThis.gc?.()
    const before = process.memoryUsage().arrayBuffers
    say({ connected: count })
    process.stdin.once('data', () => {
      globalThis.gc?.()
      say({ grown: process.memoryUsage().arrayBuffers - before })
      process.exit()
    })
  },
  workers: async () => {
    let ended = 0
    for (let round = 0; round < 20; round += 1) {
      const worker = new Worker(fileURLToPath(import.meta.url), {
        workerData: name,
        argv: [scenario, name],
      })
      await new Promise((resolve) => worker.once('message', resolve))
      await delay(round % 4)
      await worker.terminate()
      ended += 1
    }
    say({ ended })
  },
}

/** Floods its echo until it is terminated. */
async function inWorker(): Promise<void> {
  const messages = framed(await connect(workerData as string))
  let count = 0
  messages.onBatch = (batch) => {
    count += batch.length
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    if (count > 100) parentPort?.postMessage('busy')
  }
  for (;;) {
    if (!messages.send(bytes(5_000))) await messages.drained()
  }
}

async function main(): Promise<void> {
  process.on('warning', (warning: Error & { code?: string }) => say({ warning: warning.code }))
  const scene = scenarios[scenario]
  if (scene === undefined) throw new Error(`no scenario ${scenario}`)
  await scene()
}

void (isMainThread ? main() : inWorker())
