import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'

let counter = 0

/** A bare word (namespaced by the string rule) that no other test or process uses. */
export function uniqueName(_t: ExecutionContext, label = 'test'): string {
  counter += 1
  return `local-socket-${label}-${process.pid}-${counter}.sock`
}

/** A fresh folder, removed with all that is in it when the test ends. */
export function uniqueFolder(t: ExecutionContext): string {
  // Short, since a socket's path has about a hundred bytes.
  const folder = mkdtempSync(join(tmpdir(), 'ls-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A path for a socket in a fresh folder that goes when the test ends. */
export function uniquePath(t: ExecutionContext, file = 's.sock'): string {
  return join(uniqueFolder(t), file)
}
