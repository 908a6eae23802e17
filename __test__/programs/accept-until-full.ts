// Accepts and holds on to every connection. Told 'report', it waits until none has come for a while
// and says how many it has had, which warnings, and the CPU time it spent on waiting. Told 'release',
// it lets go of those it holds and reports likewise; told 'close', it closes the listener and reports
// that the iteration has ended.
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

/** Waits until a whole period has passed without a connection. */
async function quiet(): Promise<{ cpuMs: number; wallMs: number }> {
  for (;;) {
    const before = accepted
    const cpu = process.cpuUsage()
    const start = performance.now()
    await delay(QUIET_MS)
    if (accepted === before && accepted > 0) {
      const { user, system } = process.cpuUsage(cpu)
      return { cpuMs: (user + system) / 1000, wallMs: performance.now() - start }
    }
  }
}

const [, , path = ''] = argv
const listener = await listen(path)
say({ ready: true })
const serving = serve()

for await (const command of heard<'report' | 'release' | 'close'>()) {
  if (command === 'close') break
  if (command === 'release') for (const stream of held.splice(0)) stream.destroy()
  say({ idle: await quiet(), accepted, warnings })
}
await listener.close()
await serving
for (const stream of held) stream.destroy()
say({ ended: true })
process.stdin.destroy()
