import { readSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** For child programs: one JSON line to the test that started this process, at once and whole. */
export function say(value: unknown): void {
  const line = Buffer.from(`${JSON.stringify(value)}\n`)
  let offset = 0
  while (offset < line.length) offset += writeSync(1, line, offset)
}

/** For child programs: the lines of JSON that the test sends. Keeps the process alive. */
export async function* heard<T>(): AsyncGenerator<T, void, undefined> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    yield JSON.parse(line) as T
  }
}

/**
 * For child programs: this thread stands still, and does not even turn its loop, until the test
 * sends something. Not beside {@link heard}.
 */
export function standStill(): void {
  for (;;) {
    try {
      readSync(0, new Uint8Array(1))
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      // The test closed its end, which Windows tells as an error.
      if (code === 'EOF') return
      if (code !== 'EAGAIN') throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
    }
  }
}
