import { spawn } from 'node:child_process'

import type { ExecutionContext } from 'ava'

import { joined } from './checksum.js'
import { PATIENCE_MS, within } from './within.js'

export interface Captured {
  readonly code: number | null
  readonly stdout: Uint8Array
  readonly stderr: string
}

/** Runs a command with `input` as its whole stdin; gives what it wrote, byte for byte. */
export async function run(
  t: ExecutionContext,
  command: string,
  args: readonly string[],
  input: Uint8Array = new Uint8Array(),
  milliseconds = 3 * PATIENCE_MS,
): Promise<Captured> {
  const child = spawn(command, args, { stdio: 'pipe' })
  t.teardown(() => void child.kill('SIGKILL'))
  const stdout: Uint8Array[] = []
  let stderr = ''
  child.stdout.on('data', (chunk: Uint8Array) => stdout.push(chunk))
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part))
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  // A command that ends before it has read everything shows by what it wrote and its code.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const code = await within(closed, milliseconds, `the end of ${[command, ...args].join(' ')}`)
  return { code, stdout: joined(stdout), stderr }
}
