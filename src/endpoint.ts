/**
 * Who is open in this JavaScript thread. An endpoint belongs to the poller; what JavaScript keeps
 * of it is a slot. The slot holds the object that users work with strongly only while an operation
 * or unsent data is pending. Otherwise that object is collectable, and once it was collected its
 * endpoint is closed, with a process warning.
 *
 * The drawback: when a forgotten endpoint is closed is up to the garbage collector.
 */
import { chooseWake, LASTING, openPoller, READABLE, WRITABLE } from './binding.js'
import type { Binding } from './binding.js'
import { faultError, ownError } from './errors.js'
import type { Fault, ListenSettings, NameKind, Rules } from './binding.js'
import type { Patience } from './patience.js'
import { sealed } from './peer.js'
import type { PeerCredentials } from './peer.js'
import { enqueue, renewOnceATurn, takeTurns } from './turn.js'
import type { Resumable } from './turn.js'

/** The object behind an endpoint, while something of it is pending. */
export interface Owner {
  /** What waits for data or for a connection, if anything does. */
  readonly input: Resumable | undefined
  /** What waits for room to write, if anything does. */
  readonly output: Resumable | undefined
  /** The process ends: what can still be sent at once is sent. */
  atExit(): void
}

/** An open endpoint, as the poller knows it. */
export class Slot {
  open = true
  referenced = true
  /**
   * Reading, or accepting, is worth a try: cleared when that says that nothing is there, or gets
   * less than it had room for, which on a stream says the same (epoll(7), question 9).
   */
  ready = false
  /** A short read says nothing: see `LASTING`. */
  lasting = false
  /** Whether the poller tells of room to write. */
  watching = false
  /** The next attempt to read is to wait awake for bytes. */
  looking = false
  /** How it waits for input, unless it just sleeps. */
  patience: Patience | undefined
  /** Set while something is pending. */
  owner: Owner | undefined
  /** Told once, right before the endpoint is closed. */
  onClose: (() => void) | undefined
  #holds = 0

  readonly id: number
  readonly what: 'stream' | 'listener'

  constructor(id: number, what: 'stream' | 'listener') {
    this.id = id
    this.what = what
  }

  /** Keeps the owner alive until {@link release}. */
  hold(owner: Owner): void {
    this.#holds += 1
    this.owner = owner
  }

  release(): void {
    this.#holds -= 1
    if (this.#holds === 0) this.owner = undefined
  }
}

/**
 * How long the process' exit waits, in milliseconds, for what was written and is still on its way to
 * the kernel. That is Windows' way, where a write that is larger than the pipe's buffer arrives as
 * the peer reads; what has not then is lost. Elsewhere it has arrived when it was written.
 */
const EXIT_FLUSH_MS = 500

const slots: (Slot | undefined)[] = []
let binding: Binding | undefined
/** How many open endpoints keep the process alive. */
let references = 0

const forgotten = new FinalizationRegistry<Slot>((slot) => {
  if (!slot.open) return
  closeSlot(slot)
  process.emitWarning(
    `A ${slot.what} was forgotten without being closed. It has been closed; call close() or use "await using"`,
    { type: 'LocalSocketWarning', code: 'LOCAL_SOCKET_FORGOTTEN' },
  )
})

/** The poller of this thread, opened when it is first needed. */
export function native(): Binding {
  return (binding ??= open())
}

function open(): Binding {
  const wake = chooseWake()
  if (typeof wake === 'object') {
    throw ownError(
      'WAKE',
      `The environment variable LOCAL_SOCKET_WAKE must be "uv" or "thread", or unset. It is ${JSON.stringify(wake.unknown)}`,
    )
  }
  let opened: Binding
  try {
    opened = openPoller(wake, onBatch)
  } catch (cause) {
    throw ownError('WAKE', `This runtime offers no way to be woken by ${wake}`, { cause })
  }
  if (wake === 'thread') renewOnceATurn()
  process.on('exit', onExit)
  return opened
}

function onBatch(pairs: Int32Array, count: number): void {
  for (let i = 0; i < count; i += 1) {
    // An identifier may have been given anew since: then this is a hint that does no harm.
    const slot = slots[pairs[2 * i] as number]
    if (slot === undefined) continue
    const flags = pairs[2 * i + 1] as number
    const owner = slot.owner
    if ((flags & READABLE) !== 0) {
      if ((flags & LASTING) !== 0) slot.lasting = true
      announceInput(slot)
    }
    if ((flags & WRITABLE) !== 0) {
      if (owner?.output !== undefined) enqueue(owner.output)
      else watchRoom(slot, false)
    }
  }
  takeTurns()
}

/** There is something to read, or to accept: whoever waits for it is next in line. */
export function announceInput(slot: Slot, now?: number): void {
  slot.ready = true
  slot.patience?.end(now ?? performance.now())
  const input = slot.owner?.input
  if (input !== undefined) enqueue(input)
}

/**
 * Asks to be told of room to write, or not to be any more. A writer that has caught up leaves it
 * on, since it mostly falls behind again; the first event that nobody waits for turns it off.
 */
export function watchRoom(slot: Slot, on: boolean): void {
  if (slot.watching === on) return
  slot.watching = on
  native().calls.watchWritable(slot.id, on)
}

/** What was written is sent as far as it goes, and listeners give their names back. */
function onExit(): void {
  const until = performance.now() + EXIT_FLUSH_MS
  for (;;) {
    for (const slot of slots) slot?.owner?.atExit()
    const left = Math.floor(until - performance.now())
    if (left <= 0 || native().calls.flushAll(left) <= 0) break
  }
  for (const slot of slots) if (slot?.what === 'listener') closeSlot(slot)
}

/** Takes an endpoint of the poller into the books. */
export function openSlot(id: number, what: 'stream' | 'listener'): Slot {
  const slot = new Slot(id, what)
  slots[id] = slot
  reference(1)
  return slot
}

/** Closes the endpoint when nobody holds `object` any more. */
export function watchForgotten(object: object, slot: Slot): void {
  forgotten.register(object, slot, slot)
}

/** Closes the endpoint; further calls do nothing. Its slot knows nobody afterwards. */
export function closeSlot(slot: Slot): void {
  if (!slot.open) return
  leave(slot)
  slot.onClose?.()
  native().calls.close(slot.id)
}

/** Closes a stream of which nobody has been told. */
export function refuseSlot(slot: Slot): void {
  if (!slot.open) return
  leave(slot)
  native().calls.refuse(slot.id)
}

function leave(slot: Slot): void {
  slot.open = false
  slot.ready = false
  slots[slot.id] = undefined
  forgotten.unregister(slot)
  if (slot.referenced) reference(-1)
}

/** Whether the endpoint keeps the process alive while it is open. */
export function setReferenced(slot: Slot, on: boolean): void {
  if (slot.referenced === on) return
  slot.referenced = on
  if (slot.open) reference(on ? 1 : -1)
}

function reference(change: 1 | -1): void {
  references += change
  if (change === 1 ? references === 1 : references === 0) native().poller.setRef(change === 1)
}

/** The descriptor, or -1 once the endpoint is closed, and where there are none. */
export function descriptorOf(slot: Slot): number {
  return slot.open ? Math.max(native().calls.fd(slot.id), -1) : -1
}

export function listenSlot(kind: NameKind, text: string, settings: ListenSettings): Slot | Fault {
  const id = native().poller.listen(kind, text, settings)
  return typeof id === 'number' ? openSlot(id, 'listener') : id
}

/** Of a descriptor, which stays the caller's after a fault. */
export function listenOnSlot(descriptor: number, settings: ListenSettings): Slot | Fault {
  const id = native().poller.listenOn(descriptor, settings)
  return typeof id === 'number' ? openSlot(id, 'listener') : id
}

export function connectSlot(kind: NameKind, text: string, server: Rules | undefined): Slot | Fault {
  const id = native().poller.connect(kind, text, server)
  return typeof id === 'number' ? openSlot(id, 'stream') : id
}

export function peerOf(slot: Slot): PeerCredentials {
  const peer = native().poller.peer(slot.id)
  if ('syscall' in peer) throw faultError(peer)
  return sealed(peer)
}

/** Whether the process at the other end still runs, where the system can tell. */
export function peerIsRunning(slot: Slot): boolean | undefined {
  const runs = native().poller.peerIsRunning(slot.id)
  if (typeof runs === 'object' && runs !== null) throw faultError(runs)
  return runs ?? undefined
}
