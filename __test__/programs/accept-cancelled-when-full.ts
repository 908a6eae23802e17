// Accepts until it has no descriptors left. Told that all clients are in, it tries every way of
// giving up on the next accept.
import { argv } from 'node:process'

import { listen, type Stream } from 'local-socket'

import { heard, say } from '../helpers/say.js'

const held: Stream[] = []

async function code(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'fulfilled',
    (error: NodeJS.ErrnoException) => error.code,
  )
}

const [, , path = ''] = argv
const listener = await listen(path)
const full = new Promise<void>((resolve) => {
  process.on('warning', (warning) => {
    if ('code' in warning && warning.code === 'LOCAL_SOCKET_ACCEPT') resolve()
  })
})
say({ ready: true })

const abort = new AbortController()
async function acceptAll(): Promise<void> {
  for (;;) held.push(await listener.accept({ signal: abort.signal }))
}
const accepting = acceptAll()
await full
await heard<'all in'>().next()
abort.abort()
const aborted = await code(accepting)
const timedOut = await code(listener.accept({ timeout: 20 }))
const pending = code(listener.accept())
await listener.close()
say({ timedOut, aborted, closed: await pending })
for (const stream of held) stream.destroy()
process.stdin.destroy()
