// Plays every contestant against `net`, prints the scoreboard, and keeps all trials as JSON.

import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, release } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { nativeIsBuilt } from './contestants/native.js'
import { calibrateRow, playMatch, type Match } from './match.js'
import { readOptions, USAGE, type BenchOptions } from './options.js'
import { table, warnings } from './table.js'

const RESULTS = fileURLToPath(new URL('../../bench/results/', import.meta.url))

async function bench(options: BenchOptions): Promise<void> {
  const { rows, rounds, trialSeconds, budgetSeconds } = options
  const started = new Date()
  if (!nativeIsBuilt()) {
    console.error('no native pair: build it with npm run build:examples')
    for (const row of rows) row.contestants = row.contestants.filter((name) => name !== 'native')
  }
  const elapsed = (): number => (Date.now() - started.getTime()) / 1000
  const matches: Match[] = []
  const planned = rows.reduce((sum, { contestants }) => sum + contestants.length, 0)
  const mayRepeat = (): boolean => elapsed() < (budgetSeconds * matches.length) / planned
  for (const row of rows) {
    const counts = await calibrateRow(row, trialSeconds)
    for (const contestant of row.contestants) {
      console.error(`${row.name}: ${contestant}`)
      matches.push(await playMatch(row, contestant, { rounds, mayRepeat, counts }))
    }
  }
  console.log(table(rows, matches))
  for (const warning of warnings(matches)) console.error(`warning: ${warning}`)
  const file = await keep(started, { machine: machine(), rounds, trialSeconds, matches })
  console.error(`${Math.round(elapsed())} seconds; every trial is in ${file}`)
}

function machine(): object {
  const [cpu] = cpus()
  return {
    node: process.version,
    platform: `${process.platform} ${release()} ${process.arch}`,
    cpu: cpu?.model,
    cores: cpus().length,
  }
}

async function keep(started: Date, results: object): Promise<string> {
  await mkdir(RESULTS, { recursive: true })
  const file = join(RESULTS, `${started.toISOString().replaceAll(/[:.]/g, '-')}.json`)
  await writeFile(file, `${JSON.stringify(results, undefined, 1)}\n`)
  return file
}

let options
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : error}\n\n${USAGE}`)
  process.exit(2)
}

bench(options).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
