// A server for integration tests: server.js <echo|digest> <name> [expected]
// Says {listening} once, and {open} when `expected` connections are open at the same moment.
import { listen, type Stream } from 'local-socket'

import { Checksum } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [service, name, expected] = process.argv.slice(2) as [string, string, string?]
let open = 0

async function serve(stream: Stream): Promise<void> {
  open += 1
  if (open === Number(expected)) say({ open })
  try {
    if (service === 'digest') await digest(stream)
    else await echo(stream)
    await stream.close()
  } finally {
    open -= 1
    stream.destroy()
  }
}

async function digest(stream: Stream): Promise<void> {
  const sum = new Checksum()
  for await (const chunk of stream) sum.add(chunk)
  await stream.write(sum.digest())
}

async function echo(stream: Stream): Promise<void> {
  for await (const chunk of stream) await stream.write(chunk)
}

async function main(): Promise<void> {
  const listener = await listen(name)
  say({ listening: name })
  // A client that breaks off is its own affair; the test sees what it should have received.
  for await (const stream of listener) serve(stream).catch(() => undefined)
}

void main()
