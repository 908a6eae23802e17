import { createHash } from 'node:crypto'

import { connect } from 'local-socket'

import { DemoFailure } from './failure.js'
import type { SourceFile } from './file.js'

/** What came of sending a file. */
export interface Transfer {
  /** SHA-256 of what was sent, by node:crypto. */
  here: string
  /** SHA-256 of what arrived, by the server. */
  there: string
  bytes: number
  seconds: number
}

/** What is read from the file and written to the stream at once: all the memory that it takes. */
const CHUNK_BYTES = 256 * 1024

/** How long the server may stand still before the demo gives up. */
const PATIENCE = { timeout: 30_000 }

/** Streams the file to the digest service and reads the answer after a half-close. */
export async function sendFile(
  name: string,
  file: SourceFile,
  progress: (bytes: number) => void,
): Promise<Transfer> {
  const stream = await connect(name, PATIENCE)
  try {
    const hash = createHash('sha256')
    const start = performance.now()
    let bytes = 0
    for await (const chunk of file.handle.createReadStream({ highWaterMark: CHUNK_BYTES })) {
      hash.update(chunk)
      await stream.write(chunk, PATIENCE) // Resolves when more may be written: backpressure.
      bytes += chunk.length
      progress(bytes)
    }
    await stream.end(PATIENCE)

    const answer: Uint8Array[] = []
    for (;;) {
      const chunk = await stream.read(PATIENCE)
      if (chunk === null) break
      answer.push(chunk)
    }
    const seconds = (performance.now() - start) / 1000
    const there = Buffer.concat(answer).toString('latin1').trim()
    if (!/^[0-9a-f]{64}$/.test(there)) {
      throw new Error('the connection ended before the whole digest had come')
    }
    return { here: hash.digest('hex'), there, bytes, seconds }
  } finally {
    stream.destroy()
  }
}

/** Fails unless both ends saw the same bytes. */
export function mustAgree({ here, there }: Transfer): void {
  if (here !== there) throw new DemoFailure(`the digests differ: ${here} here, ${there} there`)
}
