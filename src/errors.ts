/**
 * Where an error is made, whatever it was that failed, bad arguments excepted. System calls fail
 * with a number; it becomes a `LocalSocketError` here and nowhere else.
 */
import { constants } from 'node:os'
import { getSystemErrorName } from 'node:util'
import { argumentValue } from './argument-errors.js'
import { ON_WINDOWS } from './binding.js'
import type { Fault } from './binding.js'
import { sealed } from './peer.js'
import type { PeerCredentials } from './peer.js'

/** What a {@link LocalSocketError} carries besides its message. */
export interface LocalSocketErrorDetails {
  /** The system's code as Node spells it, or one that begins with `ERR_LOCAL_SOCKET_`. */
  code: string
  /** The system's number, negative as in Node. */
  errno?: number | undefined
  /** The system call that failed, or the operation that was waiting. */
  syscall?: string | undefined
  /** The name that was listened on or connected to, as `Name.toString()` spells it. */
  address?: string | undefined
  /** Of a failed write: how many of its bytes had gone. */
  bytesWritten?: number | undefined
  /** Of a `readExact` or a framed message that was cut short: the bytes that had arrived. */
  received?: Uint8Array<ArrayBuffer> | undefined
  /** Of a server that was refused: who it is. */
  peer?: PeerCredentials | undefined
  /** What led to it. */
  cause?: unknown
}

/** What an error has only where there is something to tell. */
const DETAILS = ['errno', 'syscall', 'address', 'bytesWritten', 'received', 'peer'] as const

/**
 * What fails here fails with this, bad arguments excepted, which are a `TypeError` or `RangeError`
 * with Node's codes.
 *
 * `code` is the system's as Node spells it (`ECONNREFUSED`, `EADDRINUSE`, …), `ABORT_ERR` (then
 * `name` is `AbortError`), or one of ours, which begin with `ERR_LOCAL_SOCKET_`. Codes are stable;
 * messages are for people and may change. ERRORS.md lists them with what to do.
 */
export class LocalSocketError extends Error {
  static {
    Object.defineProperty(this.prototype, 'name', {
      value: 'LocalSocketError',
      writable: true,
      configurable: true,
    })
  }

  /** The system's code as Node spells it, `ABORT_ERR`, or one that begins with `ERR_LOCAL_SOCKET_`. */
  readonly code: string
  /** The system's number, negative as in Node; absent where no system call failed. */
  declare readonly errno?: number
  /** The system call that failed, or the operation that was waiting. */
  declare readonly syscall?: string
  /** The name that was listened on or connected to, as `Name.toString()` spells it. */
  declare readonly address?: string
  /**
   * Of a failed write: how many of its bytes had gone. 0: none, and the write was taken back.
   * More: the peer has a part of it, and the stream takes no further writes.
   */
  declare readonly bytesWritten?: number
  /** Of a `readExact` or a framed message that was cut short: the bytes that had arrived. */
  declare readonly received?: Uint8Array<ArrayBuffer>
  /** Of a server that {@link ConnectOptions.server} refused: who it is, by the word of the kernel. */
  declare readonly peer?: PeerCredentials

  constructor(message: string, details: LocalSocketErrorDetails) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.code = details.code
    for (const key of DETAILS) {
      const value = details[key]
      if (value !== undefined) {
        Object.defineProperty(this, key, {
          value,
          // What arrived can be long: it does not belong into every print of the error.
          enumerable: key !== 'received',
          configurable: true,
        })
      }
    }
  }
}

export type Details = Omit<LocalSocketErrorDetails, 'code'>

const codes = new Map<number, string>()
for (const [name, errno] of Object.entries(constants.errno)) {
  // Two names for one number: EAGAIN and ENOTSUP are those that Node uses.
  if (!codes.has(-errno) || name === 'EAGAIN' || name === 'ENOTSUP') codes.set(-errno, name)
}

/** The code that Node has for a negative errno. */
export function codeOf(errno: number): string {
  if (ON_WINDOWS) return getSystemErrorName(errno)
  return codes.get(errno) ?? `E${-errno}`
}

/** The same, where it differs on Windows. */
const hintsOnWindows: Readonly<Record<string, string>> = {
  'connect ENOENT':
    'there is no such pipe; is the server running? { retry: true } waits until it is',
  'connect EPERM': 'its security descriptor keeps this user out',
  'listen EADDRINUSE':
    'a server listens there, or a connection of one that did is still open at either end',
  'listen EPERM': 'a server of another user has it, or this process may not make it',
  EMFILE: 'this process has too many open handles',
  EBUSY: 'all instances of the pipe are taken',
}

/** What a person can do about it, for the failures that are met most. */
const hints: Readonly<Record<string, string>> = {
  'connect ENOENT':
    'there is no such socket; is the server running? { retry: true } waits until it is',
  'connect ECONNREFUSED': 'nobody listens there; { retry: true } waits until somebody does',
  'connect EACCES': 'the permissions of the socket, or of a folder on the way to it, forbid it',
  'connect EPROTOTYPE': 'the socket there is not a stream socket',
  'listen EADDRINUSE': 'a server listens there, from which { overwrite: true } takes the name',
  'listen EADDRINUSE @': 'a server listens there',
  'listen EBADF': 'it is not open',
  'listen EEXIST': 'a listener has that descriptor already',
  'listen ENOENT': 'a folder on the way to it does not exist; { createFolders: true } makes it',
  'listen EACCES': 'the permissions of the folder forbid it',
  'write EPIPE': 'the peer has closed the stream',
  'write ECONNRESET': 'the peer closed the stream without reading all that it was sent',
  'read ECONNRESET': 'the peer closed the stream without reading all that it was sent',
  ENOTSUP: 'this operating system does not have it',
  EMFILE: 'this process has too many open files (ulimit -n)',
  ENFILE: 'the system has too many open files',
  ...(ON_WINDOWS && hintsOnWindows),
}

function hintFor(syscall: string, code: string, address: string | undefined): string {
  const key = `${syscall} ${code}`
  const hint =
    (address?.startsWith('@') === true ? hints[`${key} @`] : undefined) ?? hints[key] ?? hints[code]
  return hint === undefined ? '' : `: ${hint}`
}

/** The error of a system call that answered `errno`; `words` are the core's, if it says more. */
export function systemError(
  errno: number,
  syscall: string,
  details: Details = {},
  words?: string,
): Error {
  const code = codeOf(errno)
  const { address } = details
  const where = address === undefined ? '' : ` ${address}`
  const hint = words === undefined ? hintFor(syscall, code, address) : `: ${words}`
  const message = `${syscall} ${code}${where}${hint}`
  return new LocalSocketError(message, { ...details, code, errno, syscall })
}

/** The error of a call into the addon that answered with a fault. */
export function faultError(fault: Fault, address?: string): Error {
  if (fault.server !== undefined && address !== undefined) {
    return serverError(address, sealed(fault.server))
  }
  if (fault.code === undefined) {
    return systemError(fault.errno, fault.syscall, { address }, fault.message)
  }
  const message = fault.message ?? `${fault.syscall} ${fault.code}`
  if (fault.code === 'ERR_INVALID_ARG_VALUE') return argumentValue(message)
  const errno = fault.errno < 0 ? fault.errno : undefined
  const syscall = fault.syscall === '' ? undefined : fault.syscall
  return new LocalSocketError(message, { code: fault.code, errno, syscall, address })
}

/** The error of a server that may not serve us, for what the rules or a function said of it. */
export function serverError(
  address: string,
  peer: PeerCredentials,
  verdict?: { cause?: unknown },
): LocalSocketError {
  const { sid, uid } = peer
  const [who, rule] =
    uid !== undefined
      ? [`uid ${uid}`, `{ uid: ${uid} }`]
      : sid !== undefined
        ? [sid, `{ sid: '${sid}' }`]
        : ['a user that the kernel can not tell', "'anyone'"]
  const why =
    verdict === undefined
      ? `which the option server of connect does not allow; { server: ${rule} } would`
      : 'cause' in verdict
        ? 'and the function server of connect failed to judge that'
        : 'which the function server of connect refused'
  const details = { address, peer, syscall: 'connect', ...verdict }
  return ownError(
    'SERVER_NOT_ALLOWED',
    `connect ${address}: it is served by ${who}, ${why}`,
    details,
  )
}

/** The codes that are ours. */
export type OwnCode =
  | 'CLOSED'
  | 'DETACHED'
  | 'ENDED'
  | 'LOCKED'
  | 'REUNITE'
  | 'SERVER_NOT_ALLOWED'
  | 'TIMEOUT'
  | 'TOO_LONG'
  | 'TORN'
  | 'UNEXPECTED_END'
  | 'WAKE'

export function ownError(code: OwnCode, message: string, details: Details = {}): LocalSocketError {
  return new LocalSocketError(message, { ...details, code: `ERR_LOCAL_SOCKET_${code}` })
}

export function closedError(syscall: string, what: string, details?: Details): LocalSocketError {
  return ownError('CLOSED', `${syscall}: the ${what} is closed`, { ...details, syscall })
}

export function abortError(reason: unknown, details: Details = {}): LocalSocketError {
  const error = new LocalSocketError('The operation was aborted', {
    ...details,
    code: 'ABORT_ERR',
    cause: reason,
  })
  Object.defineProperty(error, 'name', { value: 'AbortError', configurable: true, writable: true })
  return error
}

export function timeoutError(
  operation: string,
  timeout: number,
  details: Details = {},
): LocalSocketError {
  const after =
    timeout === 0 ? 'could not be done at once (timeout: 0)' : `timed out after ${timeout} ms`
  const { address, cause } = details
  const where = address === undefined ? '' : ` ${address}`
  const last = cause instanceof Error ? `; the last attempt: ${cause.message}` : ''
  return ownError('TIMEOUT', `${operation}${where} ${after}${last}`, {
    ...details,
    syscall: operation,
  })
}

function nothing(): void {}

/**
 * A rejection for a promise that somebody has been waiting on. An error made in the poller's
 * callback has no line of the user's in its stack. Made in a reaction to which the waiting promise
 * is already chained, it has: V8 walks from there to the `await`s. The first reaction lets the
 * chain form, the second makes the error; operations that succeed pay nothing.
 */
export function lateRejection(make: () => unknown): Promise<never> {
  return Promise.resolve()
    .then(nothing)
    .then(() => {
      throw make()
    })
}
