/**
 * Where messages are in memory: found for many at a time, in loops that do nothing else.
 */
import { readLength } from './format.js'
import type { Format } from './format.js'
import type { Memory } from './slabs.js'

/** How many messages are found at a time, and so are in one batch; those beyond are in the next. */
export const MOST_MESSAGES: number = 16 * 1024

/** Kept for the next that needs some. */
const free: Int32Array[] = []
const KEPT = 4

export function takePositions(): Int32Array {
  return free.pop() ?? new Int32Array(MOST_MESSAGES + 1)
}

export function returnPositions(positions: Int32Array): void {
  if (free.length < KEPT) free.push(positions)
}

/**
 * Finds the whole messages between `head` and `tail`, up to one that is too long: how many there
 * are. `positions` tells where each begins, and where one behind the last would.
 */
export function scan(
  memory: Memory,
  head: number,
  tail: number,
  format: Format,
  positions: Int32Array,
): number {
  return format.plain
    ? scanPlain(memory, head, tail, format.maxLength, positions)
    : scanAny(memory, head, tail, format, positions)
}

function scanPlain(
  memory: Memory,
  head: number,
  tail: number,
  maxLength: number,
  positions: Int32Array,
): number {
  const last = tail - 4
  let at = head
  let count = 0
  while (at <= last && count < MOST_MESSAGES) {
    const length =
      (((memory[at] as number) << 24) |
        ((memory[at + 1] as number) << 16) |
        ((memory[at + 2] as number) << 8) |
        (memory[at + 3] as number)) >>>
      0
    const end = at + 4 + length
    if (length > maxLength || end > tail) break
    positions[count++] = at + 4
    at = end
  }
  positions[count] = at + 4
  return count
}

function scanAny(
  memory: Memory,
  head: number,
  tail: number,
  format: Format,
  positions: Int32Array,
): number {
  const { width, maxLength } = format
  let at = head
  let count = 0
  while (at + width <= tail && count < MOST_MESSAGES) {
    const length = readLength(memory, at, format)
    if (length > maxLength || at + width + length > tail) break
    positions[count++] = at + width
    at += width + length
  }
  positions[count] = at + width
  return count
}
