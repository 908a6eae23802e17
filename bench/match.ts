import type { Trial } from './job.js'
import { listenForNoise, tooLoud, type Noise } from './noise.js'
import type { Placement } from './placement.js'
import { WORKER } from './process.js'
import type { Row } from './rows.js'
import { estimate, median, type Estimate } from './statistics.js'
import { calibrate, runTrial, type Side } from './trial.js'

/** A trial of the reference beside one of the other, one right after the other. */
export interface Pair {
  reference: Trial
  other: Trial
}

/** A contestant's showing against the reference in a row. */
export interface Match {
  row: string
  contestant: string
  reference: string
  pairs: Pair[]
  /** Times the speed of the reference. */
  speed: Estimate
  /** Times the CPU time of the reference for a message, both processes together. */
  cpu: Estimate
  /** The same of the process that receives one way, or answers. */
  receiverCpu?: Estimate
  /** Times what a connection adds to the server's memory with the reference. */
  memory?: Estimate
  /** Medians over all trials of the contestant. */
  absolute: Absolute
  /** What others took of the machine in each round that counts. */
  noise: (Noise | undefined)[]
  repeated: number
}

/** Medians over all trials of a contestant. Times are seconds for a message, memory is bytes. */
export interface Absolute {
  seconds: number
  cpuSeconds: number
  receiverCpuSeconds?: number
  /** Round trips, in microseconds. */
  p50?: number
  p99?: number
  serverRss?: number
  clientRss?: number
  bytesEach?: number
  idleCpuSeconds?: number
}

/** How many rounds of a match that are too loud to trust may be played again. */
const REPEATS = 3

/** How a match is played. */
export interface Rules {
  rounds: number
  placement: Placement
  /** False when there is no time left for playing a loud round again. */
  mayRepeat: () => boolean
  /** Stops between two trials. */
  signal?: AbortSignal
}

/** One who plays, and the count that makes the trials as long as the others'. */
export interface Player extends Side {
  count: number
}

/** Plays `other` against `reference`. */
export async function playMatch(
  row: Row,
  reference: Player,
  other: Player,
  { rounds, placement, mayRepeat, signal }: Rules,
): Promise<Match> {
  const play = (player: Player): Promise<Trial> => {
    signal?.throwIfAborted()
    return runTrial(player, row, player.count, placement)
  }
  const pairs: Pair[] = []
  const noise: (Noise | undefined)[] = []
  let repeated = 0
  while (noise.length < rounds) {
    const heard = listenForNoise()
    const played = await playRound(reference, other, play)
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
    contestant: other.contestant,
    reference: reference.contestant,
    pairs,
    ...estimates(row, pairs),
    absolute: absolute(
      row,
      pairs.map((pair) => pair.other),
    ),
    noise,
    repeated,
  }
}

/** Who plays in a row, each with the count that makes all their trials equally long. */
export class Players {
  readonly #known = new Map<string, Player>()
  readonly #row: Row
  readonly #seconds: number
  readonly #placement: Placement

  constructor(row: Row, seconds: number, placement: Placement) {
    this.#row = row
    this.#seconds = seconds
    this.#placement = placement
  }

  async named(contestant: string): Promise<Player> {
    const known = this.#known.get(contestant)
    if (known !== undefined) return known
    const side = { contestant, worker: WORKER }
    const count = await calibrate(side, this.#row, this.#seconds, this.#placement)
    const player = { ...side, count }
    this.#known.set(contestant, player)
    return player
  }
}

/** A B B A: what drifts steadily favours neither. */
async function playRound(
  reference: Player,
  other: Player,
  play: (player: Player) => Promise<Trial>,
): Promise<Pair[]> {
  const first = { reference: await play(reference), other: await play(other) }
  const second = await play(other)
  return [first, { other: second, reference: await play(reference) }]
}

function estimates(
  row: Row,
  pairs: Pair[],
): Pick<Match, 'speed' | 'cpu' | 'receiverCpu' | 'memory'> {
  const ratio = (of: (trial: Trial) => number): Estimate =>
    estimate(pairs.map(({ reference, other }) => of(other) / of(reference)))
  const all = pairs.flatMap(({ reference, other }) => [reference, other])
  return {
    speed: ratio(({ count, seconds }) => count / seconds),
    cpu: ratio(({ count, cpuSeconds }) => cpuSeconds / count),
    ...(all.every(({ cpuOf }) => cpuOf !== undefined)
      ? { receiverCpu: ratio((trial) => receiverCpuEach(row, trial)) }
      : {}),
    ...(all.every(({ bytesEach }) => bytesEach !== undefined)
      ? { memory: ratio(({ bytesEach }) => bytesEach ?? NaN) }
      : {}),
  }
}

/** CPU time for a message of who receives one way; of who answers, in other work. */
function receiverCpuEach({ work }: Row, { cpuOf, count }: Trial): number {
  return ((work === 'one-way' ? cpuOf?.client : cpuOf?.server) ?? NaN) / count
}

function absolute(row: Row, trials: Trial[]): Absolute {
  const of = (pick: (trial: Trial) => number | undefined): number =>
    median(trials.map((trial) => pick(trial) ?? NaN))
  const known = {
    receiverCpuSeconds: of((trial) => receiverCpuEach(row, trial)),
    p50: of(({ p50 }) => p50),
    p99: of(({ p99 }) => p99),
    serverRss: of(({ rssOf }) => rssOf?.server),
    clientRss: of(({ rssOf }) => rssOf?.client),
    bytesEach: of(({ bytesEach }) => bytesEach),
    idleCpuSeconds: of(({ idleCpuSeconds }) => idleCpuSeconds),
  }
  return {
    seconds: of(({ seconds, count }) => seconds / count),
    cpuSeconds: of(({ cpuSeconds, count }) => cpuSeconds / count),
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => !Number.isNaN(value))),
  }
}
