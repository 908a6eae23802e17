// What keeps a process alive: alive.js <scenario> <name>
// `name` is served by the test in scenarios with a stream, and by this program in those with a
// listener. Says {ready} when the scenario is set up and {idle} if the loop ever ran empty.
import { once } from 'node:events'
import { isMainThread, Worker } from 'node:worker_threads'

import { connect, listen, type Listener, type Stream } from 'local-socket'

import { say } from '../helpers/say.js'

const [scenario, name] = process.argv.slice(2) as [string, string]

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  // These must end by themselves.
  'nothing opened': async () => undefined,
  'an unreferenced listener': async () => void (await listen(name)).unref(),
  'an unreferenced listener that accepts': async () => void accepting((await listen(name)).unref()),
  'an unreferenced stream': async () => void (await connect(name)).unref(),
  'an unreferenced stream that reads': async () => void reading((await connect(name)).unref()),
  'an unreferenced stream that reads with a timeout': async () => {
    const stream = (await connect(name)).unref()
    stream.read({ timeout: 3_600_000 }).catch(() => undefined)
  },
  'an unreferenced stream that waits for room': async () => {
    const stream = (await connect(name)).unref()
    stream.write(new Uint8Array(16 * 1_048_576)).catch(() => undefined)
  },
  'a listener referenced again and unreferenced': async () => {
    const listener = await listen(name)
    listener.unref().unref().ref().ref().unref()
  },
  'a closed listener': async () => (await listen(name)).close(),
  'a closed stream': async () => (await connect(name)).close(),
  'a destroyed stream': async () => (await connect(name)).destroy(),
  'a closed stream that had been unreferenced': async () => (await connect(name)).unref().close(),
  'a stream closed with a read pending': async () => {
    const stream = await connect(name)
    reading(stream)
    await stream.close()
  },
  'a listener closed by its signal': async () => {
    const control = new AbortController()
    await listen(name, { signal: control.signal })
    control.abort()
  },
  'a worker thread with an unreferenced listener': async () => {
    const argv = ['an unreferenced listener that accepts', name]
    await once(new Worker(new URL(import.meta.url), { argv }), 'exit')
  },
  'a connect that failed': async () => {
    await connect(`${name}.missing`).catch(() => undefined)
  },
  'a connect that timed out': async () => {
    await connect(`${name}.missing`, { retry: true, timeout: 20 }).catch(() => undefined)
  },
  // These must go on, until the test connects, writes or says so, or its server appears.
  'a referenced listener': async () => void afterwards(await listen(name)),
  'a listener that accepts': async () => {
    const listener = await listen(name)
    listener.accept().then(async (stream) => {
      await stream.close()
      await listener.close()
    }, fail)
  },
  'a listener referenced again': async () => {
    const listener = await listen(name)
    afterwards(listener.unref().ref())
  },
  'a referenced listener beside an unreferenced one': async () => {
    ;(await listen(`${name}.other`)).unref()
    afterwards(await listen(name))
  },
  'a referenced listener that outlives an unreferenced one': async () => {
    const other = (await listen(`${name}.other`)).unref()
    afterwards(await listen(name))
    await other.close()
  },
  'a stream that reads': async () => reading(await connect(name)),
  'a stream that nobody uses': async () => kept(await connect(name)),
  'a stream referenced again': async () => kept((await connect(name)).unref().ref()),
  'a stream of which one half is in use': async () => {
    const { recv, send } = (await connect(name)).split()
    await send.close()
    recv.read().then(() => recv.close(), fail)
  },
  'a connect that waits for its server': async () => {
    connect(name, { retry: true }).then((stream) => stream.close(), fail)
  },
}

/** Held here so that it isn't collected. */
const held: unknown[] = []

function accepting(listener: Listener): void {
  listener.accept().catch(() => undefined)
}

function reading(stream: Stream): void {
  stream.read().then(
    () => stream.close(),
    () => undefined,
  )
}

/** Closes it when the test says so, without an operation that waits for it. */
function afterwards(listener: Listener): void {
  held.push(listener)
  whenTold(() => void listener.close())
}

function kept(stream: Stream): void {
  held.push(stream)
  whenTold(() => void stream.close())
}

/** Listening to the test does not keep this process alive. */
function whenTold(act: () => void): void {
  process.stdin.once('data', () => {
    act()
    process.stdin.destroy()
  })
  // A pipe or a socket, which the types leave open.
  ;(process.stdin as NodeJS.ReadStream & { unref(): void }).unref()
}

function fail(error: unknown): void {
  console.error(error)
  process.exitCode = 9
}

async function main(): Promise<void> {
  const set = scenarios[scenario]
  if (set === undefined) throw new Error(`no scenario ${scenario}`)
  if (!isMainThread) return set()
  process.on('beforeExit', () => say({ idle: true }))
  await set()
  say({ ready: true })
}

void main()
