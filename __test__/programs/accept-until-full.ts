// Accepts and holds on to every connection. Told a number, it waits until it has had more than that,
// has warned, and none has come for a while; then it says how many it has had, which warnings, and
// the CPU time it spent on that while. Told 'release', it lets go of those it holds; told 'close', it
// closes the listener and says that the iteration has ended.
import { argv } from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'

import { listen, type Stream } from 'local-socket'

import { heard, say } from '../helpers/say.js'

const QUIET_MS = 600

const held: Stream[] = []
const warnings: string[] = []
let accepted = 0

process.on('warning', (warning) => {
  warnings.push('code' in warning ? String(warning.code) : warning.name)
})

async function serve(): Promise<void> {
  for await (const stream of listener) {
    held.push(stream)
    accepted += 1
  }
}

/** Waits until it has had more, and then a whole period has passed without a connection. */
async function quiet(beyond: number): Promise<{ cpuMs: number; wallMs: number }> {
  for (;;) {
    const before = accepted
    const cpu = process.cpuUsage()
    const start = performance.now()
    await delay(QUIET_MS)
    if (accepted === before && accepted > beyond && warnings.length > 0) {
      const { user, system } = process.cpuUsage(cpu)
      return { cpuMs: (user + system) / 1000, wallMs: performance.now() - start }
    }
  }
}

const [, , path = ''] = argv
const listener = await listen(path)
say({ ready: true })
const serving = serve()

for await (const command of heard<number | 'release' | 'close'>()) {
  if (command === 'close') break
  if (command === 'release') for (const stream of held.splice(0)) stream.destroy()
  else say({ idle: await quiet(command), accepted, warnings })
}
await listener.close()
await serving
for (const stream of held) stream.destroy()
say({ ended: true })
process.stdin.destroy()
