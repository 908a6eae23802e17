// Reads one stream to its end: sink.js <name> <read|readInto|iterate>
// Says {listening}, and at the end {length, digest, arrayBuffers, rss} with the greatest growth of
// memory seen while reading.
import { listen, type Stream } from 'local-socket'

import { Checksum } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [name, how] = process.argv.slice(2) as [string, string]
const sum = new Checksum()
const peak = { arrayBuffers: 0, rss: 0 }

async function drain(stream: Stream): Promise<void> {
  if (how === 'iterate') {
    for await (const chunk of stream) sum.add(chunk)
  } else if (how === 'readInto') {
    const buffer = new Uint8Array(65_536)
    let count = await stream.readInto(buffer)
    for (; count !== null; count = await stream.readInto(buffer)) sum.add(buffer.subarray(0, count))
  } else {
    let chunk = await stream.read()
    for (; chunk !== null; chunk = await stream.read()) sum.add(chunk)
  }
}

async function main(): Promise<void> {
  const listener = await listen(name)
  say({ listening: name })
  const stream = await listener.accept()
  const before = process.memoryUsage()
  const watch = setInterval(() => {
    const now = process.memoryUsage()
    peak.arrayBuffers = Math.max(peak.arrayBuffers, now.arrayBuffers - before.arrayBuffers)
    peak.rss = Math.max(peak.rss, now.rss - before.rss)
  }, 10)
  await drain(stream)
  clearInterval(watch)
  await stream.close()
  await listener.close()
  say({ length: sum.length, digest: sum.digest(), ...peak })
}

void main()
