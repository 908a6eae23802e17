import { writeSync } from 'node:fs'
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
