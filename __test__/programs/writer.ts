// Writes until the peer has it all: writer.js <name> <total> <chunk>
// Each chunk is new memory, so what is held back shows. Says {written, arrayBuffers, rss} every
// 50 ms, and {done, digest} at the end.
import { connect } from 'local-socket'

import { bytes, Checksum } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [name, total, size] = process.argv.slice(2) as [string, string, string]
let written = 0

function report(): void {
  const { arrayBuffers, rss } = process.memoryUsage()
  say({ written, arrayBuffers, rss })
}

async function main(): Promise<void> {
  const stream = await connect(name)
  const pattern = bytes(Number(size), 7)
  const sum = new Checksum()
  report()
  const reports = setInterval(report, 50)
  while (written < Number(total)) {
    const chunk = pattern.slice()
    new DataView(chunk.buffer).setFloat64(0, written)
    sum.add(chunk)
    await stream.write(chunk)
    written += chunk.byteLength
  }
  clearInterval(reports)
  await stream.close()
  say({ done: true, digest: sum.digest() })
}

void main()
