/**
 * Memory that is read into before it is known how much there is. What fills a good part of it is
 * handed over as it is; what does not is copied to memory of its own size.
 */

/** The most that one read of unknown length gets. */
export const RECEIVE_SIZE: number = 64 * 1024

/** From here on the memory is handed over: copying would cost more than allocating anew. */
const HAND_OVER = RECEIVE_SIZE / 4

let scratch: Uint8Array<ArrayBuffer> | undefined

/** Memory of `RECEIVE_SIZE` bytes, the same until {@link takeScratch} hands it over. */
export function borrowScratch(): Uint8Array<ArrayBuffer> {
  // Never from Buffer's pool, which others share.
  return (scratch ??= new Uint8Array(Buffer.allocUnsafeSlow(RECEIVE_SIZE).buffer))
}

/**
 * The first `length` bytes of the borrowed memory, for good. Memory that is handed over never had
 * more in it than what goes with it: what was shorter was copied, and `length` is longer.
 */
export function takeScratch(length: number): Uint8Array<ArrayBuffer> {
  const from = borrowScratch()
  if (length < HAND_OVER) return from.slice(0, length)
  scratch = undefined
  return length === RECEIVE_SIZE ? from : new Uint8Array(from.buffer, 0, length)
}
