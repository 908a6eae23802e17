import { readFileSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import type { Match } from './match.js'
import type { Placement } from './placement.js'

const FOLDER = fileURLToPath(new URL('../../bench/results/', import.meta.url))

/** Where something was measured. */
export interface Machine {
  node: string
  system: string
  cpu: string
  cores: number
  memoryBytes: number
  /** How the processor chooses its frequency, where the system tells. */
  governor?: string
}

/** What a run found out, with every trial. */
export interface Results {
  started: string
  machine: Machine
  placement: Placement
  trialSeconds: number
  matches: Match[]
  /** Contestants that could not play, and why. */
  absent: Record<string, string>
  /** Matches that broke off. */
  failed: Failure[]
}

export interface Failure {
  row: string
  contestant: string
  why: string
}

export function describeMachine(): Machine {
  const [cpu] = cpus()
  const machine: Machine = {
    node: process.version,
    system: `${process.platform} ${release()} ${process.arch}`,
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryBytes: totalmem(),
  }
  try {
    const file = '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'
    machine.governor = readFileSync(file, 'latin1').trim()
  } catch {
    // Virtual machines have none, other systems don't tell.
  }
  return machine
}

/** The file that keeps these results, named after their time. */
export function fileOf({ started }: Results): string {
  return join(FOLDER, `${started.replaceAll(/[:.]/g, '-')}.json`)
}

/** Writes the results to their file. */
export async function keep(results: Results): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  await writeFile(fileOf(results), `${JSON.stringify(results, undefined, 1)}\n`)
}

export async function readResults(file: string): Promise<Results> {
  const results = JSON.parse(await readFile(file, 'utf8'), unknownIsNaN) as Partial<Results>
  const { matches, machine, failed } = results
  if (matches === undefined || machine?.node === undefined || failed === undefined) {
    throw new Error(`${file} has no results that this version can read`)
  }
  return results as Results
}

/** JSON has no NaN, and writes null for what was not known. */
function unknownIsNaN(_key: string, value: unknown): unknown {
  return value === null ? NaN : value
}

/** One result from several: of two matches between the same in the same row the later one counts. */
export function merge(all: Results[]): Results {
  const last = all.at(-1)
  if (last === undefined) throw new Error('there are no results')
  const matches = new Map<string, Match>()
  const absent: Record<string, string> = {}
  for (const results of all) {
    for (const match of results.matches) matches.set(`${match.row}/${match.contestant}`, match)
    Object.assign(absent, results.absent)
  }
  for (const { contestant } of matches.values()) delete absent[contestant]
  const failed = all
    .flatMap((results) => results.failed)
    .filter(({ row, contestant }) => !matches.has(`${row}/${contestant}`))
  return { ...last, matches: [...matches.values()], absent, failed }
}
