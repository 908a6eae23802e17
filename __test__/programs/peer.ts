// The other end of a test that kills it: peer.js <idle|reading|paused|writing> <name>
// Says {connected}, and {busy} when bytes have moved (`paused`: when it stopped reading).
import { connect, type Stream } from 'local-socket'

import { say } from '../helpers/say.js'
import { numbered } from '../helpers/numbered.js'

const [role, name] = process.argv.slice(2) as [string, string]

async function main(): Promise<void> {
  const stream = await connect(name)
  say({ connected: true })
  if (role === 'reading') await read(stream, Infinity)
  if (role === 'paused') await read(stream, 1)
  if (role === 'writing') await write(stream)
  // Holds the stream, open and unused, until this process is killed.
  await new Promise(() => setInterval(() => stream.closed, 1_000_000))
}

async function read(stream: Stream, chunks: number): Promise<void> {
  for (let count = 1; count <= chunks; count += 1) {
    if ((await stream.read()) === null) throw new Error('the test ended the stream')
    if (count === 1) say({ busy: true })
  }
}

async function write(stream: Stream): Promise<void> {
  for (let first = 0; ; first += 16_384) {
    await stream.write(numbered(first, 16_384))
    if (first === 0) say({ busy: true })
  }
}

void main()
