// An observer of refusals that throws each time: observer-throws.js <name>
// Says {seen}, the uncaught exceptions, and {told}, how often it was called.
import { connect, listen } from 'local-socket'

import { say } from '../helpers/say.js'

const [name = ''] = process.argv.slice(2)
const seen: string[] = []
let told = 0

process.on('uncaughtException', (error) => seen.push(error.message))
const listener = await listen(name, { allow: () => false })
listener.onRefused = () => {
  told += 1
  throw new Error(`boom ${told}`)
}
const clients = await Promise.all([connect(name), connect(name)])
const accepting = listener.accept().catch(() => undefined)
for (const client of clients) {
  await client.read()
  await client.close()
}
while (seen.length < 2) await new Promise((resolve) => setImmediate(resolve))
await listener.close()
await accepting
say({ seen, told })
