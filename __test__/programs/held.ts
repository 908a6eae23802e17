// What connections keep of the heap: node --expose-gc held.js <name> <count>
// Says {listening}; then, again and again, accepts that many and says {heapUsed}, reads from all of
// them to the end, closes them, and says {heapUsed} again.
import { setTimeout as delay } from 'node:timers/promises'

import { listen, type Stream } from 'local-socket'

import { say } from '../helpers/say.js'

const [name, count] = process.argv.slice(2) as [string, string]

/** What lives on the heap once garbage has gone. */
async function heapUsed(): Promise<number> {
  for (let round = 0; round < 5; round += 1) {
    globalThis.gc?.()
    await delay(5)
  }
  return process.memoryUsage().heapUsed
}

async function main(): Promise<void> {
  const listener = await listen(name)
  say({ listening: name })
  const streams: Stream[] = []
  for await (const stream of listener) {
    streams.push(stream)
    if (streams.length < Number(count)) continue
    say({ heapUsed: await heapUsed() })
    await Promise.all(streams.map((each) => each.read()))
    await Promise.all(streams.splice(0).map((each) => each.close()))
    say({ heapUsed: await heapUsed() })
  }
}

void main()
