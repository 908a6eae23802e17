import { listenForNoise, tooLoud, type Noise } from './noise.js'
import { REFERENCE, type Row } from './rows.js'
import { estimate, median, type Estimate } from './statistics.js'
import type { Trial } from './job.js'
import { calibrate, runTrial } from './trial.js'

/** A trial of the reference beside one of the other, one right after the other. */
export interface Pair {
  reference: Trial
  other: Trial
}

/** A contestant's showing against the reference in a row. */
export interface Match {
  row: string
  contestant: string
  pairs: Pair[]
  /** Times the speed of the reference. */
  speed: Estimate
  /** Times the CPU time of the reference for a message, both processes together. */
  cpu: Estimate
  /** Medians over all trials of the contestant. */
  absolute: { seconds: number; cpuSeconds: number; p50?: number; p99?: number }
  /** What others took of the machine in each round that counts. */
  noise: (Noise | undefined)[]
  repeated: number
}

/** How many rounds of a match that are too loud to trust may be played again. */
const REPEATS = 3

/** How a match is played. */
export interface Rules {
  rounds: number
  /** False when there is no time left for playing a loud round again. */
  mayRepeat: () => boolean
  /** For each contestant the count that makes its trials as long as the others'. */
  counts: Map<string, number>
}

/** Plays a contestant against the reference. */
export async function playMatch(
  row: Row,
  contestant: string,
  { rounds, mayRepeat, counts }: Rules,
): Promise<Match> {
  const pairs: Pair[] = []
  const noise: (Noise | undefined)[] = []
  let repeated = 0
  while (noise.length < rounds) {
    const heard = listenForNoise()
    const played = await playRound(row, contestant, counts)
    const level = heard()
    if (tooLoud(level) && repeated < REPEATS && mayRepeat()) {
      repeated++
      continue
    }
    noise.push(level)
    pairs.push(...played)
  }
  return {
    row: row.name,
    contestant,
    pairs,
    speed: estimate(pairs.map(({ reference, other }) => rate(other) / rate(reference))),
    cpu: estimate(pairs.map(({ reference, other }) => cpuEach(other) / cpuEach(reference))),
    absolute: absolute(pairs.map(({ other }) => other)),
    noise,
    repeated,
  }
}

/** The counts that make the trials of the row's contestants equally long. */
export async function calibrateRow(row: Row, seconds: number): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  for (const contestant of new Set([REFERENCE, ...row.contestants])) {
    counts.set(contestant, await calibrate(contestant, row, seconds))
  }
  return counts
}

/** A B B A: what drifts steadily favours neither. */
async function playRound(
  row: Row,
  contestant: string,
  counts: Map<string, number>,
): Promise<Pair[]> {
  const play = (name: string): Promise<Trial> => runTrial(name, row, counts.get(name) ?? row.guess)
  const first = { reference: await play(REFERENCE), other: await play(contestant) }
  const other = await play(contestant)
  return [first, { other, reference: await play(REFERENCE) }]
}

function rate(trial: Trial): number {
  return trial.count / trial.seconds
}

function cpuEach(trial: Trial): number {
  return trial.cpuSeconds / trial.count
}

function absolute(trials: Trial[]): Match['absolute'] {
  const of = (pick: (trial: Trial) => number | undefined): number =>
    median(trials.map((trial) => pick(trial) ?? NaN))
  const result: Match['absolute'] = {
    seconds: of(({ seconds, count }) => seconds / count),
    cpuSeconds: of(cpuEach),
  }
  if (trials.every(({ p50, p99 }) => p50 !== undefined && p99 !== undefined)) {
    result.p50 = of(({ p50 }) => p50)
    result.p99 = of(({ p99 }) => p99)
  }
  return result
}
