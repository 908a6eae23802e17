import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import { connect, type LocalSocketError } from 'local-socket'

import { windows } from './platform.js'

/** What begins the path of each pipe. */
export const PIPES = '\\\\.\\pipe\\'

/** How long a pipe may be busy whose next instance is on its way. */
const SOON_MS = 250

/** Containers that share the abstract names of one network can have the same process ids, too. */
const RUN = `${process.pid}-${randomBytes(3).toString('hex')}`

let counter = 0

/** A bare word (namespaced by the string rule) that no other test or process uses. */
export function uniqueName(_t: ExecutionContext, label = 'test'): string {
  counter += 1
  return `local-socket-${label}-${RUN}-${counter}.sock`
}

/** A fresh folder, removed with all that is in it when the test ends. */
export function uniqueFolder(t: ExecutionContext): string {
  // Short, since a socket's path has about a hundred bytes.
  const folder = mkdtempSync(join(tmpdir(), 'ls-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A path for a socket: in a fresh folder that goes when the test ends, or of a pipe on Windows. */
export function uniquePath(t: ExecutionContext, file = 's.sock'): string {
  return windows ? `${PIPES}${uniqueName(t, 'path')}-${file}` : join(uniqueFolder(t), file)
}

/** Whether something is at this path: a file, or on Windows a pipe, which notices being asked. */
export async function isTaken(path: string): Promise<boolean> {
  if (!windows) return existsSync(path)
  try {
    ;(await connect(path, { server: 'anyone', timeout: SOON_MS })).destroy()
    return true
  } catch (error) {
    return (error as LocalSocketError).code !== 'ENOENT'
  }
}
