import { absence, entryOf } from './contestants.js'
import { playMatch, Players, type Match } from './match.js'
import type { BenchOptions } from './options.js'
import { installPeers } from './peers.js'
import { describeMachine, type Failure, type Results } from './results.js'
import { referenceOf, type Row } from './rows.js'

/**
 * Plays every contestant of every row against its reference. After each row `save` gets all that is
 * known, so that a run that is broken off has not been for nothing.
 */
export async function run(
  options: BenchOptions,
  save: (results: Results) => Promise<unknown>,
): Promise<Results> {
  const { placement, trialSeconds, budgetSeconds } = options
  const started = new Date()
  const { rows, absent } = await present(options.rows)
  const elapsed = (): number => (Date.now() - started.getTime()) / 1000
  const matches: Match[] = []
  const failed: Failure[] = []
  const results: Results = {
    started: started.toISOString(),
    machine: describeMachine(),
    placement,
    trialSeconds,
    matches,
    absent,
    failed,
  }
  const planned = rows.reduce((sum, { contestants }) => sum + contestants.length, 0)
  const mayRepeat = (): boolean => elapsed() < (budgetSeconds * matches.length) / planned
  for (const row of rows) {
    const players = new Players(row, trialSeconds, placement)
    for (const contestant of row.contestants) {
      console.error(`${Math.round(elapsed())} s: ${row.name}: ${contestant}`)
      const rounds = roundsOf(row, contestant, options)
      try {
        const reference = await players.named(referenceOf(row, contestant))
        const other = await players.named(contestant)
        matches.push(await playMatch(row, reference, other, { rounds, placement, mayRepeat }))
      } catch (error) {
        console.error(error)
        failed.push({ row: row.name, contestant, why: String(error) })
      }
    }
    await save(results)
  }
  console.error(`${Math.round(elapsed())} s: done`)
  return results
}

/** The rows with those contestants that can play here, and why the others can't. */
async function present(rows: Row[]): Promise<{ rows: Row[]; absent: Record<string, string> }> {
  const needed = rows.some(({ contestants }) =>
    contestants.some((name) => entryOf(name).needs !== undefined),
  )
  if (needed) await installPeers()
  const absent: Record<string, string> = {}
  for (const name of new Set(rows.flatMap(({ contestants }) => contestants))) {
    const why = absence(name)
    if (why === undefined) continue
    absent[name] = why
    console.error(`absent: ${name}: ${why}`)
  }
  const playable = rows.map((row) => ({
    ...row,
    contestants: row.contestants.filter((name) => !(name in absent)),
  }))
  return { rows: playable, absent }
}

function roundsOf(row: Row, contestant: string, options: BenchOptions): number {
  const rounds = entryOf(contestant).kind === 'peer' ? options.peerRounds : options.rounds
  return Math.min(rounds, row.rounds ?? Infinity)
}
