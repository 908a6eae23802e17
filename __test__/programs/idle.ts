// What an idle process costs: idle.js <scenario> <name>
// The test is at the other end. Says {ready}, then at a line on stdin watches one second and says
// {cpuMs, activeMs, switches}: CPU of all threads, time inside the loop, wake-ups of any thread.
import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

import { connect, listen, type BusyPoll, type Stream } from 'local-socket'

import { heard, say } from '../helpers/say.js'

const [scenario, name] = process.argv.slice(2) as [string, string]
const held: unknown[] = []

async function open(busyPoll: BusyPoll = 'off'): Promise<Stream> {
  const stream = await connect(name, { busyPoll })
  held.push(stream)
  return stream
}

function reading(stream: Stream): void {
  stream.read().catch(() => undefined)
}

async function busy(stream: Stream): Promise<void> {
  for (let count = 0; count < 1000; count += 1) {
    await stream.write('x')
    await stream.readExact(1)
  }
}

const scenarios: Readonly<Record<string, () => Promise<void>>> = {
  listener: async () => void held.push(await listen(name)),
  'listener that accepts': async () => {
    const listener = await listen(name)
    held.push(listener, listener.accept())
  },
  stream: async () => void (await open()),
  'stream that reads': async () => reading(await open()),
  'stream that has been busy': async () => busy(await open()),
  'adaptive stream that reads': async () => reading(await open('adaptive')),
  'adaptive stream that has been busy and reads': async () => {
    const stream = await open('adaptive')
    await busy(stream)
    reading(stream)
  },
  'stream that reads after the time it stays awake': async () =>
    reading(await open({ maxMicros: 1_000 })),
  'a thousand adaptive streams that read': async () => {
    for (let count = 0; count < 1000; count += 1) reading(await open('adaptive'))
  },
  'stream that stopped reading': async () => void (await (await open()).readExact(1)),
  'write that waits for room': async () => {
    const stream = await open()
    stream.write(new Uint8Array(8 * 1_048_576)).catch(() => undefined)
  },
  'a thousand streams that read': async () => {
    for (let count = 0; count < 1000; count += 1) reading(await open())
  },
}

async function main(): Promise<void> {
  await scenarios[scenario]?.()
  say({ ready: true })
  for await (const _ of heard()) {
    // What was set up settles first: late events, compilation, garbage.
    await delay(300)
    const before = { cpu: process.cpuUsage(), loop: performance.eventLoopUtilization() }
    const switches = process.resourceUsage().voluntaryContextSwitches
    await delay(1000)
    const { user, system } = process.cpuUsage(before.cpu)
    const { active } = performance.eventLoopUtilization(before.loop)
    const switched = process.resourceUsage().voluntaryContextSwitches - switches
    say({ cpuMs: (user + system) / 1000, activeMs: active, switches: switched })
  }
}

void main()
