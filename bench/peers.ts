// The packages that others made: installed on demand, apart from the package's own.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Runtimes that come as npm packages, and where such a package has its program. */
const PROGRAMS = {
  bun: { scope: '@oven', inside: join('bin', 'bun') },
  deno: { scope: '@deno', inside: 'deno' },
} as const

export type Runtime = keyof typeof PROGRAMS

const FOLDER = fileURLToPath(new URL('../../bench/peers/', import.meta.url))

const require = createRequire(join(FOLDER, 'package.json'))

/**
 * Installs what the lock file says. No package may run a script: those taken here bring their
 * binaries along. What can't be had is absent, and that is no failure: so it isn't `npm ci`, which
 * installs nothing at all when a package for another platform can't be found.
 */
export async function installPeers(): Promise<void> {
  if (upToDate()) return
  console.error('installing the peers into bench/peers …')
  const args = ['install', '--no-save', '--ignore-scripts', '--prefix', FOLDER]
  const npm = spawn('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const [code] = (await once(npm, 'close').catch((error: unknown) => [error])) as [unknown]
  if (code !== 0) console.error(`npm ${args.join(' ')} failed: ${String(code)}`)
}

/** True if npm's own note of what it installed is newer than what it should have. */
function upToDate(): boolean {
  const done = join(FOLDER, 'node_modules', '.package-lock.json')
  const wanted = join(FOLDER, 'package-lock.json')
  return existsSync(done) && statSync(done).mtimeMs >= statSync(wanted).mtimeMs
}

/** True if the package is there and can be loaded in principle. */
export function installed(name: string): boolean {
  try {
    require.resolve(name)
    return true
  } catch {
    return false
  }
}

/** Loads a package of `bench/peers` as the type that the caller describes. */
export function load<T>(name: string): T {
  return require(name) as T
}

/** The program of a runtime: that of the one platform's package that npm chose. */
export function runtime(name: Runtime): string | undefined {
  const { scope, inside } = PROGRAMS[name]
  const folder = join(FOLDER, 'node_modules', scope)
  if (!existsSync(folder)) return undefined
  const programs = readdirSync(folder).map((platform) => join(folder, platform, inside))
  return programs.find((program) => existsSync(program))
}
