// An echo server whose streams wait awake: busy-echo.js <busyPoll as JSON> <name>
// Says {listening}. Each stream is echoed to its end, then half-closed, and closed.
import { listen, type BusyPoll, type Stream } from 'local-socket'

import { say } from '../helpers/say.js'

const [busyPoll, name] = process.argv.slice(2) as [string, string]

async function echo(stream: Stream): Promise<void> {
  for await (const chunk of stream) await stream.write(chunk)
  await stream.end()
  await stream.close()
}

async function main(): Promise<void> {
  const listener = await listen(name, { busyPoll: JSON.parse(busyPoll) as BusyPoll })
  say({ listening: name })
  // A client that breaks off is its own affair; the test sees what it should have received.
  for await (const stream of listener) echo(stream).catch(() => stream.destroy())
}

void main()
