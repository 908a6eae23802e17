// What the garbage collector may take: node --expose-gc forgotten.js <scenario> <name>
// Says {warning} for each process warning and {settled} when the scenario is through.
import { setTimeout as delay } from 'node:timers/promises'

import { connect, listen, type RecvHalf, type Stream } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [scenario, name] = process.argv.slice(2) as [string, string]
const held: unknown[] = []
let warnings = 0

/** Collects again and again, and stops early once `enough`. */
async function collect(enough: () => boolean = () => false): Promise<void> {
  if (globalThis.gc === undefined) throw new Error('run with --expose-gc')
  // Of the operations that wait, being the latest is not what should keep one.
  const decoy = await listen(`${name}.decoy`)
  await decoy.accept({ timeout: 1 }).catch(() => undefined)
  await decoy.close()
  for (let round = 0; round < 50 && !enough(); round += 1) {
    globalThis.gc()
    await delay(2)
  }
}

const warned = (): boolean => warnings > 0

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  stream: async () => {
    await connect(name)
    await collect(warned)
  },
  listener: async () => {
    await listen(name)
    await collect(warned)
  },
  'stream that had read and written': async () => {
    await talk(await connect(name))
    await collect(warned)
  },
  'a read that waits': async () => {
    void connect(name).then(tellRead)
    await collect()
  },
  'an iteration that waits': async () => {
    void connect(name).then(async (stream) => {
      for await (const chunk of stream) say({ read: text(chunk) })
    })
    await collect()
  },
  'accept that waits': async () => {
    void listen(name).then(async (listener) => {
      held.push(await listener.accept())
      say({ accepted: true })
    })
    await collect()
  },
  'write that waits': async () => {
    void connect(name).then((stream) => stream.write(new Uint8Array(8 * 1_048_576)))
    await collect()
  },
  'a half in use': async () => {
    const recv = await half()
    await collect()
    held.push(recv)
    void tellRead(recv)
  },
  'closed stream whose place another took': async () => {
    await (await connect(name)).close()
    ;(await connect(name)).destroy()
    const next = await connect(name)
    held.push(next)
    await collect()
    void tellRead(next)
  },
}

async function talk(stream: Stream): Promise<void> {
  await stream.write('x')
  await stream.read()
}

async function tellRead(source: Stream | RecvHalf): Promise<void> {
  say({ read: text(await source.read()) })
}

async function half(): Promise<RecvHalf> {
  const { recv } = (await connect(name)).split()
  return recv
}

async function main(): Promise<void> {
  process.on('warning', (warning: Error & { code?: string }) => {
    warnings += 1
    say({ warning: warning.name, code: warning.code })
  })
  await scenarios[scenario]?.()
  say({ settled: true })
}

void main()
