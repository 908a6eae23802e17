/**
 * Memory that many messages share for a short while: what was gathered and has not gone, what has
 * arrived and was not taken. A connection has some only as long, so that idle ones have none.
 */

/** Memory of JavaScript's own. */
export type Memory = Uint8Array<ArrayBuffer>

/**
 * So much goes and comes by one system call: 256 KiB, and room for the lengths of messages whose
 * own sizes are powers of two, so that a whole number of them fills it.
 */
export const SLAB_SIZE: number = 257 * 1024

/** What those get that come when many have a slab already: a thousand of these are 16 MB. */
export const SMALL_SLAB_SIZE: number = 16 * 1024

/** How many slabs of the full size may be in use at once; beyond, small ones do. */
const MOST_IN_USE = 16

/** How many slabs are kept for the next that needs one, for the life of the thread. */
const KEPT = 4
const KEPT_SMALL = 16

const free: Memory[] = []
const freeSmall: Memory[] = []
let inUse = 0

/** Memory that was not cleared, and not from Buffer's pool, which others share. */
export function allocate(size: number): Memory {
  return new Uint8Array(Buffer.allocUnsafeSlow(size).buffer)
}

/** Memory of one of the two sizes that holds at least `least` bytes. */
export function takeSlab(least: number): Memory {
  const small = inUse >= MOST_IN_USE && least <= SMALL_SLAB_SIZE
  const size = small ? SMALL_SLAB_SIZE : SLAB_SIZE
  if (!small) inUse += 1
  const kept = small ? freeSmall : free
  for (;;) {
    const slab = kept.pop()
    if (slab === undefined) return allocate(size)
    // Somebody may have kept a view of it, and have transferred its memory since.
    if (slab.byteLength === size) return slab
  }
}

/** Gives memory of `size` bytes back, to be used again unless somebody still looks at it. */
export function returnSlab(slab: Memory, size: number, again: boolean): void {
  const small = size === SMALL_SLAB_SIZE
  if (!small) inUse -= 1
  const kept = small ? freeSmall : free
  if (again && kept.length < (small ? KEPT_SMALL : KEPT)) kept.push(slab)
}
