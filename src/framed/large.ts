/**
 * Memory for messages that no slab can hold.
 */
import { allocate } from './slabs.js'
import type { Memory } from './slabs.js'

/** What was used for one large message is kept for the next up to this size, one for a thread. */
export const MOST_KEPT: number = 4 * 1024 * 1024

let kept: Memory | undefined

/** Memory of exactly `size` bytes, so that what follows a message isn't read along with it. */
export function takeLarge(size: number): Memory {
  const memory = kept
  if (memory?.byteLength !== size) return allocate(size)
  kept = undefined
  return memory
}

/** Memory that nobody looks at any more. */
export function giveLarge(memory: Memory): void {
  if (memory.byteLength <= MOST_KEPT) kept = memory
}
