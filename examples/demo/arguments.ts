import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { DemoFailure, oneLine } from './failure.js'

/** What the command line asked for, as absolute paths. */
export interface DemoArguments {
  file: string
  server: string
}

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const EXECUTABLE = process.platform === 'win32' ? 'demo_server.exe' : 'demo_server'

export const USAGE = 'usage: npm run demo -- [FILE] [--server PROGRAM]'

/** Reads the command line: the file defaults to the addon, the server to the Rust example. */
export function readArguments(args: string[]): DemoArguments {
  let parsed
  try {
    parsed = parseArgs({ args, allowPositionals: true, options: { server: { type: 'string' } } })
  } catch (error) {
    throw new DemoFailure(`${oneLine(error)} (${USAGE})`)
  }
  if (parsed.positionals.length > 1) throw new DemoFailure(`one file at a time (${USAGE})`)
  // npm runs scripts in the package's folder; a relative path means the folder the person is in.
  const here = process.env['INIT_CWD'] ?? process.cwd()
  const [file] = parsed.positionals
  const { server } = parsed.values
  return {
    file: file === undefined ? newestAddon() : resolve(here, file),
    server: server === undefined ? builtServer() : resolve(here, server),
  }
}

function newestAddon(): string {
  const addons = readdirSync(ROOT)
    .filter((name) => name.endsWith('.node'))
    .map((name) => join(ROOT, name))
    .toSorted((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs)
  const [newest] = addons
  if (newest === undefined) throw new DemoFailure(`no addon in ${ROOT}: build it, or name a file`)
  return newest
}

function builtServer(): string {
  const release = join(ROOT, 'target', 'release', 'examples', EXECUTABLE)
  const debug = join(ROOT, 'target', 'debug', 'examples', EXECUTABLE)
  return !existsSync(release) && existsSync(debug) ? debug : release
}
