/** Tests that another user takes part in. Only root can start a program as somebody else. */
import { chmodSync } from 'node:fs'
import { dirname } from 'node:path'

import test, { type ExecutionContext } from 'ava'
import type { PeerCredentials } from 'local-socket'

import { uniquePath } from './names.js'
import { windows } from './platform.js'
import { programFile, start, startProgram, type Program } from './process.js'

/** The user and group that own nothing. */
export const NOBODY = 65_534

/** A supplementary group that no process has by chance. */
export const CLUB = 54_321

/** What `client.js` says of one name. */
export interface Visit {
  readonly connected?: string
  readonly read?: string | null
  readonly code?: string
  readonly message?: string
  readonly peer?: PeerCredentials
}

/** A test that needs root, and is skipped by name for others. Windows has no such user. */
export function rootTest(title: string, run: (t: ExecutionContext) => Promise<void>): void {
  if (windows) return
  if (process.getuid?.() === 0) test(title, run)
  else test.skip(`${title} (only root can become another user)`, (t) => t.pass())
}

/** A path in a fresh folder that others may enter. */
export function publicPath(t: ExecutionContext): string {
  const path = uniquePath(t)
  chmodSync(dirname(path), 0o755)
  return path
}

/** Starts a program of ours as nobody. */
export function asNobody(t: ExecutionContext, name: string, args: readonly string[]): Program {
  return startProgram(t, name, args, { uid: NOBODY, gid: NOBODY, cwd: '/' })
}

/** Starts a program of ours as nobody, who is in the club. */
export function asMember(t: ExecutionContext, name: string, args: readonly string[]): Program {
  const user = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, `--groups=${CLUB}`]
  return start(t, 'setpriv', [...user, process.execPath, programFile(name), ...args], { cwd: '/' })
}

/** Whether a client of `client.js` got in: it reads a greeting, or is turned away. */
export function gotIn({ read, code }: Visit): boolean {
  if (code !== undefined) throw new Error(`the client failed with ${code}`)
  if (read === 'hello') return true
  // The end, or a reset where it had sent something.
  if (read === null || read === 'ECONNRESET' || read === 'EPIPE') return false
  throw new Error(`the client read ${read}`)
}
