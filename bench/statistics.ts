/** A ratio's median over all pairs, and where 95 % of resampled medians lie. */
export interface Estimate {
  median: number
  low: number
  high: number
}

const RESAMPLES = 2_000
const CONFIDENCE = 0.95

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  const upper = sorted[middle] ?? NaN
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? NaN) + upper) / 2
}

/** The median with its percentile-bootstrap interval; the same values give the same interval. */
export function estimate(values: number[]): Estimate {
  const random = generator(1)
  const pick = (): number => values[Math.floor(random() * values.length)] ?? NaN
  const medians = Array.from({ length: RESAMPLES }, () => median(values.map(pick)))
  medians.sort((a, b) => a - b)
  const at = (share: number): number => medians[Math.floor(share * (RESAMPLES - 1))] ?? NaN
  const tail = (1 - CONFIDENCE) / 2
  return { median: median(values), low: at(tail), high: at(1 - tail) }
}

/** Mulberry32: small, and seeded so that a table can be made again from its trials. */
function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
