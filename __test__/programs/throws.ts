// Errors thrown where eight reads continue, all told of in one turn:
// throws.js <where> <handled|unhandled> <name>
// Says {blocked} and then stands still until the test has written to all and says so; at last {seen}.
import { connect, type Stream } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { say, standStill } from '../helpers/say.js'

const [where, handled, name] = process.argv.slice(2) as [string, string, string]
const seen: string[] = []

const throwing: Readonly<Record<string, (error: Error) => void>> = {
  'a microtask': (error) =>
    queueMicrotask(() => {
      throw error
    }),
  nextTick: (error) =>
    process.nextTick(() => {
      throw error
    }),
  'an async function': (error) => void rejected(error),
  'an abort listener': (error) => {
    const control = new AbortController()
    control.signal.addEventListener('abort', () => {
      throw error
    })
    control.abort()
  },
}

async function rejected(error: Error): Promise<never> {
  throw error
}

async function serve(stream: Stream): Promise<void> {
  const which = text(await stream.read())
  throwing[where]?.(new Error(`boom ${which}`))
  await stream.write(which)
  for await (const chunk of stream) await stream.write(chunk)
  await stream.close()
}

async function main(): Promise<void> {
  if (handled === 'handled') process.on('uncaughtException', (error) => seen.push(error.message))
  const streams = await Promise.all(Array.from({ length: 8 }, () => connect(name)))
  const served = streams.map(serve)
  // Let the reads start to wait before the thread stands still.
  setImmediate(() => {
    say({ blocked: true })
    standStill()
  })
  await Promise.all(served)
  say({ seen: seen.toSorted() })
}

void main()
