import type { Match } from './match.js'
import type { Goal, Row } from './rows.js'

/** How a contestant stands to one of its goals. */
export interface Verdict {
  goal: Goal
  /** What was reached, as a ratio; NaN if what it is compared with was not played. */
  reached: number
  met: boolean
}

/** Holds a match against its goals; `ofRow` are all matches of its row. */
export function verdicts(row: Row, match: Match, ofRow: Match[]): Verdict[] {
  return (row.goals[match.contestant] ?? []).map((goal) => {
    const reached = compare(goal, match, ofRow)
    const met = (goal.of ?? 'speed') === 'speed' ? reached >= goal.times : reached <= goal.times
    return { goal, reached, met }
  })
}

/**
 * Against another than the reference it is a ratio of two ratios: these two were not played against
 * each other.
 */
function compare({ than, of = 'speed' }: Goal, match: Match, ofRow: Match[]): number {
  const reached = measure(match, of)
  if (than === undefined) return reached
  const other = ofRow.find(({ contestant }) => contestant === than)
  if (other === undefined) return NaN
  if (other.reference === match.reference) return reached / measure(other, of)
  return match.absolute.seconds > 0 ? other.absolute.seconds / match.absolute.seconds : NaN
}

function measure(match: Match, of: NonNullable<Goal['of']>): number {
  if (of === 'speed') return match.speed.median
  return (of === 'memory' ? match.memory?.median : match.receiverCpu?.median) ?? NaN
}

/** A goal and how it was met, in a few words. */
export function spoken({ goal, reached, met }: Verdict): string {
  const { than, of = 'speed', times } = goal
  const sign = of === 'speed' ? '≥' : '≤'
  const what = [of === 'speed' ? undefined : of, than === undefined ? undefined : `of ${than}`]
  const words = [`${sign} ${round(times)}`, ...what.filter((word) => word !== undefined)].join(' ')
  if (Number.isNaN(reached)) return `? ${words}`
  const detail = than === undefined && of !== 'receiver CPU' ? '' : ` (${round(reached)})`
  return `${met ? '✓' : '✗'} ${words}${detail}`
}

/** Two or three significant digits. */
export function round(ratio: number): string {
  return ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)
}
