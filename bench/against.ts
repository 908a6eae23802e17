// Has something become slower? Our contestants, as built from another commit, are the reference.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { entryOf } from './contestants.js'
import { round } from './goals.js'
import { playMatch, type Match } from './match.js'
import type { BenchOptions } from './options.js'
import { WORKER } from './process.js'
import type { Row } from './rows.js'
import { interval } from './table.js'
import { calibrate, runTrial } from './trial.js'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

/** Where both builds' programs are, below their roots. */
const BENCH = join('build', 'bench')

/** Rust artefacts of other commits: kept between runs, and apart from those of the working tree. */
const CARGO_TARGET = join(ROOT, 'target', 'against')

/**
 * Plays ours as built from `commit` against ours as they are, and prints the ratios. Both are played
 * by the benchmark as it is now; what that commit can't play is named. False if one has become
 * slower: its interval lies wholly below 1 by more than the tolerance.
 */
export async function against(commit: string, options: BenchOptions): Promise<boolean> {
  const tree = await mkdtemp(join(tmpdir(), 'local-socket-against-'))
  const stop = new AbortController()
  const interrupted = (): void => stop.abort(new Error('interrupted'))
  process.once('SIGINT', interrupted)
  process.once('SIGTERM', interrupted)
  try {
    await build(commit, tree, stop.signal)
    return await compare(join(tree, BENCH, 'worker.js'), options, stop.signal)
  } finally {
    await run(['git', 'worktree', 'remove', '--force', tree], ROOT)
    await rm(tree, { recursive: true, force: true })
    process.off('SIGINT', interrupted)
    process.off('SIGTERM', interrupted)
  }
}

/** Builds the package of that commit, and puts the benchmark of the working tree beside it. */
async function build(commit: string, tree: string, signal: AbortSignal): Promise<void> {
  console.error(`building ${commit} in ${tree} …`)
  await run(['git', 'worktree', 'add', '--detach', tree, commit], ROOT, signal)
  await run(['npm', 'ci', '--no-audit', '--no-fund'], tree, signal)
  await run(['npm', 'run', '--silent', 'build:native'], tree, signal)
  await run(['npx', 'tsc', '-p', 'tsconfig.json'], tree, signal)
  // There `local-socket` is the package whose folder this is.
  await cp(join(ROOT, BENCH), join(tree, BENCH), { recursive: true })
}

async function compare(
  worker: string,
  options: BenchOptions,
  signal: AbortSignal,
): Promise<boolean> {
  let fine = true
  for (const row of options.rows) {
    for (const contestant of row.contestants.filter((name) => entryOf(name).kind === 'ours')) {
      const verdict = await judge(row, contestant, worker, options, signal)
      signal.throwIfAborted()
      if (verdict.startsWith('✗')) fine = false
      console.log(verdict)
    }
  }
  return fine
}

/** Plays one contestant's two builds against each other: a line that begins with ✓, ✗ or ?. */
async function judge(
  row: Row,
  contestant: string,
  worker: string,
  { rounds: most, trialSeconds, placement, tolerance }: BenchOptions,
  signal: AbortSignal,
): Promise<string> {
  const what = `${row.title}, ${contestant}`
  const before = { contestant, worker }
  try {
    await runTrial(before, row, row.guess, placement)
  } catch (error) {
    return `? ${what}: that commit can't play: ${reason(error)}`
  }
  try {
    const now = { contestant, worker: WORKER }
    const count = await calibrate(now, row, trialSeconds, placement)
    const rounds = Math.min(most, row.rounds ?? Infinity)
    const rules = { rounds, placement, mayRepeat: () => true, signal }
    const match = await playMatch(row, { ...before, count }, { ...now, count }, rules)
    return `${isSlower(match, tolerance) ? '✗' : '✓'} ${what}: ${told(match)}`
  } catch (error) {
    return `✗ ${what}: ${reason(error)}`
  }
}

function reason(error: unknown): string {
  const { message, cause } = error as Error
  return cause instanceof Error ? `${message}: ${cause.message}` : message
}

function told({ speed, memory, cpu }: Match): string {
  const main = memory ?? speed
  const what = memory === undefined ? 'speed' : 'memory'
  return `${round(main.median)} × ${what} (${interval(main)}), ${round(cpu.median)} × CPU`
}

/** More memory counts as less speed does. */
export function isSlower({ speed, memory }: Match, tolerance: number): boolean {
  return memory === undefined ? speed.high < 1 - tolerance : memory.low > 1 + tolerance
}

/**
 * Runs a command to its end; what it prints goes to the standard error. Stopped by `signal`, it is
 * ended with all that it started, which is why it has a process group of its own.
 */
async function run(command: string[], cwd: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted()
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    cwd,
    env: { ...process.env, CARGO_TARGET_DIR: CARGO_TARGET },
    stdio: ['ignore', process.stderr, process.stderr],
    detached: true,
  })
  const end = (): void => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGTERM')
  }
  signal?.addEventListener('abort', end)
  const [code] = (await once(child, 'close')) as [number | null]
  signal?.removeEventListener('abort', end)
  signal?.throwIfAborted()
  if (code !== 0) throw new Error(`${command.join(' ')} failed`)
}
