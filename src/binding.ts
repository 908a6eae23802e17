/**
 * The native addon, and the one poller that each JavaScript thread has. Nothing here decides
 * anything but how the poller wakes this thread; a call that fails answers with data, and
 * `errors.ts` makes an error of it.
 */
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { getSystemErrorMap } from 'node:util'
import type * as declared from '../binding.cjs'
import type {
  Calls,
  Fault,
  ListenSettings,
  NameFacts,
  NameKind,
  PassedDescriptor,
  PeerFacts,
  Poller,
  Rules,
  SocketName,
} from '../binding.cjs'

export type { Calls, Fault, ListenSettings, NameFacts, NameKind, PeerFacts, Rules, SocketName }

export type Wake = 'uv' | 'thread'

const addon = createRequire(import.meta.url)('../binding.cjs') as typeof declared

/** An event says that reading, or accepting, is worth a try. */
export const READABLE = 1
/** An event says that writing is worth a try. */
export const WRITABLE = 2

/**
 * The end or an error has been announced, and will not be again: a read that got less than it had
 * room for does not mean that there is nothing more.
 */
export const LASTING = 4

/** How many events reach JavaScript in one turn; those beyond it come in the next. */
const EVENTS = 256

/** Local sockets are named pipes there, and sockets elsewhere. */
export const ON_WINDOWS: boolean = process.platform === 'win32'

const errnos = new Map<string, number>()
for (const [name, errno] of Object.entries(constants.errno)) errnos.set(name, -errno)
if (ON_WINDOWS) {
  // There libuv numbers its errors itself.
  for (const [errno, [name]] of getSystemErrorMap()) errnos.set(name, errno)
}

/** The negative number by which the addon reports the error of that name. */
export function errnoOf(name: string): number {
  return errnos.get(name) ?? Number.NaN
}

/** Nothing to be had now. */
export const EAGAIN: number = errnoOf('EAGAIN')
/** Clients that have gone again, or were turned away: there may be more. */
export const ECONNABORTED: number = errnoOf('ECONNABORTED')
/** The peer is gone, and did not take all that was sent. */
export const ECONNRESET: number = errnoOf('ECONNRESET')
/** The other end has no such thing as a half-close. */
export const ENOTSUP: number = errnoOf('ENOTSUP')
/** From a read or write: the memory is shorter than was said, so it was detached or shrunk. */
export const EINVAL: number = errnoOf('EINVAL')

export function takeActivated(): PassedDescriptor[] | Fault {
  return addon.takeActivated()
}

export function socketName(descriptor: number): SocketName | Fault {
  return addon.socketName(descriptor)
}

export function checkName(kind: NameKind, text: string): NameFacts | Fault {
  return addon.checkName(kind, text)
}

/**
 * How this thread learns that something is ready: on Node and Electron one libuv handle on the
 * poller's own descriptor, elsewhere another thread, since Bun aborts on libuv's polling and Deno's
 * is slow. On Windows, too: pipes have no descriptor that libuv could watch. `LOCAL_SOCKET_WAKE`
 * chooses instead; another value there is given back as it is.
 */
export function chooseWake(): Wake | { unknown: string } {
  const asked = process.env['LOCAL_SOCKET_WAKE']
  if (asked === 'uv' || asked === 'thread') return asked
  if (asked !== undefined && asked !== '') return { unknown: asked }
  if (ON_WINDOWS) return 'thread'
  return process.versions['bun'] !== undefined || 'Deno' in globalThis ? 'thread' : 'uv'
}

/** The poller of this thread and its raw calls. */
export interface Binding {
  readonly poller: Poller
  readonly calls: Calls
}

/** Opens the poller. `onBatch` gets pairs of endpoint and flags, once per turn of the loop. */
export function openPoller(
  wake: Wake,
  onBatch: (pairs: Int32Array, count: number) => void,
): Binding {
  const events = new Int32Array(EVENTS * 2)
  const poller = addon.Poller.open(wake, events, (count) => {
    onBatch(events, count)
  })
  return { poller, calls: poller.calls() }
}
