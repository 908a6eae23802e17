/**
 * What a listener is to be like, and its checks.
 */
import { argumentType, argumentValue } from './argument-errors.js'
import { checkAllow } from './admission.js'
import type { Admission, Allow } from './admission.js'
import { ON_WINDOWS } from './binding.js'
import type { ListenSettings } from './binding.js'
import {
  checkBoolean,
  checkBusyPoll,
  checkCount,
  checkInteger,
  checkKnown,
  checkSignal,
  taken,
} from './checks.js'
import { hasFile } from './name.js'
import type { Name } from './name.js'
import type { BusyPoll } from './patience.js'

/** Options of `listen`. */
export interface ListenerOptions {
  /**
   * How many connections may wait to be accepted. A client that finds as many waiting tries again
   * until its own deadline. Default 128; the system caps it (Linux: `net.core.somaxconn`, 4096
   * unless set otherwise); 0 leaves room for one. Source: listen(2). On Windows the listener keeps
   * instances of its pipe for those who wait.
   */
  backlog?: number | undefined
  /**
   * What to do about a socket file that nobody listens at any more, as a process leaves it that was
   * killed.
   *
   * - `'reclaim'`: the name is taken over. Among local-socket programs on one kernel and a local
   *   file system, exactly one racer gets a name, and a listener whose descriptor any process still
   *   holds is never displaced. Nobody notices being asked. Where that can't be known (a network
   *   file system, a folder that can't be read), the file stays, and the error says so and what to
   *   do.
   * - `'fail'`: the file stays, and `listen` rejects with `EADDRINUSE`.
   *
   * A file of another type, a folder or a symlink is never touched: `EADDRINUSE`. While the name is
   * taken, the folder is locked (flock(2)); if another program holds that lock for 2 seconds,
   * `ETIMEDOUT`. Abstract names (Linux) are gone with their last descriptor and pipes (Windows) with
   * their last handle, so that none is stale.
   *
   * Default `'reclaim'`.
   */
  stale?: 'reclaim' | 'fail' | undefined
  /**
   * Whether to take the name also from a listener that is alive. The name is replaced at once, so
   * that whoever connects meanwhile reaches the one or the other; connections that wait in the old
   * listener's backlog are not: their clients get `ECONNRESET` when it closes. Those that it has
   * accepted go on. Only sockets are replaced.
   *
   * Linux (renameat2(2)) and macOS (renamex_np(2)), on most file systems: elsewhere `ENOTSUP` where
   * something is there. In a folder with the sticky bit, like `/tmp`, only one's own sockets can be
   * replaced. Abstract names (Linux) and pipes (Windows) can't be: refused with
   * `ERR_INVALID_ARG_VALUE`.
   *
   * Default false: `EADDRINUSE` if somebody listens.
   */
  overwrite?: boolean | undefined
  /**
   * The permissions of the socket's file, such as `0o600`: an integer from 0 to `0o777`. To
   * connect, a user needs write permission, and search permission for the folders. The file has
   * exactly these, whatever the umask, and nobody outside of them can connect at any moment. Some
   * older BSDs ignore the permissions of sockets: keep the folder closed there, too.
   *
   * Abstract names (Linux) and pipes (Windows) have no file, and a mode would keep nobody out:
   * refused with `ERR_INVALID_ARG_VALUE`; use `allow`. Default: what the umask leaves of `0o777`. Source:
   * unix(7).
   */
  mode?: number | undefined
  /**
   * Whether the socket's file stays when the listener is closed, as for a successor that takes it
   * over. Abstract names (Linux) and pipes (Windows) have no file: refused with
   * `ERR_INVALID_ARG_VALUE`.
   *
   * Default false: the file is removed by `close`, by the signal and at the process' exit, if it is
   * still the very one that this listener made. A process ended by a signal removes nothing.
   */
  keepName?: boolean | undefined
  /**
   * Whether to make the folders above the socket's file that are missing, for this user alone
   * (0700). They stay when the listener is closed. Abstract names (Linux) and pipes (Windows) have no
   * folder: refused with `ERR_INVALID_ARG_VALUE`. Default false: `ENOENT` if one is missing.
   */
  createFolders?: boolean | undefined
  /**
   * Whether to refuse a path in whose folders another user could put another file in its place:
   * each folder from the root on must belong to this user or to root, and others may write to it
   * only if it has the sticky bit. `EACCES` names the folder and what to do. Abstract names (Linux)
   * and pipes (Windows) have no folder: refused with `ERR_INVALID_ARG_VALUE`. Default false.
   */
  checkFolders?: boolean | undefined
  /**
   * Windows: the pipe's security descriptor as text (SDDL), such as
   * `'D:P(A;;FA;;;SY)(A;;0x12019b;;;BU)'`. The system enforces it when a client opens the pipe. To
   * connect, a user needs `0x12019b` (to read and write, without the right to serve the name as
   * well, which `GA`, `GW` and `FA` include). What is no such text is refused with
   * `ERR_INVALID_ARG_VALUE`, and so is the option elsewhere: use `mode` or `allow`.
   *
   * With `allow` besides, who connects must pass both. Default: what `allow` says, as far as a
   * descriptor can. Source: Security Descriptor Definition Language.
   */
  securityDescriptor?: string | undefined
  /**
   * Who may connect, by the kernel's word, checked before anybody gets the stream or any byte of
   * it: a rule, a list of rules, or a function; see {@link Allow}. On Windows the system itself
   * turns away whom rules don't let in, when it opens the pipe (`EPERM`), and only a function, and
   * rules with a {@link ListenerOptions.securityDescriptor}, are asked later. Who is refused then, and
   * elsewhere, sees the end,
   * `EPIPE` or `ECONNRESET`, and may have sent some bytes, which nobody reads. Those are closed off
   * the JavaScript thread, counted ({@link Listener.refused}) and can be observed
   * ({@link Listener.onRefused}).
   *
   * Default: for namespaced names, which no file guards, `'sameUser'`, which root is, too; for
   * paths `'anyone'`, since the permissions of the file and its folders guard them. On Windows, where
   * no file guards a pipe, `'sameUser'` for both, unless there is a `securityDescriptor`. `'anyone'`
   * turns it off.
   */
  allow?: Allow | undefined
  /**
   * How many of its connections may be open at once, 1 or more. A client beyond them is accepted,
   * closed at once and counted as refused, so that it sees the end and doesn't wait. What counts is
   * open in this process as a stream of this package. Default: no limit but the system's
   * (`ulimit -n`), at which clients wait.
   */
  maxConnections?: number | undefined
  /**
   * How many of its connections one user may have open at once, by the user's id, 1 or
   * more; users that the kernel can't tell count as one. Beyond, as with `maxConnections`. Default:
   * no limit.
   */
  maxConnectionsPerUser?: number | undefined
  /**
   * How each stream that it accepts waits for bytes when there are none. Sleeping is cheap, but
   * being woken takes tens of microseconds; a stream that stays awake for a short time first,
   * looking again and again, gets an answer that comes at once up to ten times as fast.
   *
   * - `'off'`: it sleeps.
   * - `'adaptive'`: it stays awake, for up to 100 µs, while the waits before were that short, and
   *   sleeps otherwise: when waits are long, when the core is wanted by others, when there is
   *   nothing to wait for. It always sleeps where the process has a single core.
   * - `{ maxMicros }`: each wait stays awake for up to so many microseconds, whole ones from 1 to
   *   1000000, whatever comes of it. On a core that others want, that makes things slower.
   *
   * Timers and other I/O go on meanwhile, held up by 60 µs at the most. While it lasts, the loop
   * counts as busy. A wait is the stream's: it goes on when a read is cancelled and another one
   * follows. Of more than 16 streams of a thread that wait at once, the others sleep; so does a
   * stream that is unreferenced, unless something else keeps the loop from sleeping.
   *
   * Default `'off'`.
   */
  busyPoll?: BusyPoll | undefined
  /** Closes the listener when aborted; iterations over it end then. Streams that it accepted stay. */
  signal?: AbortSignal | undefined
}

/** The backlog of a listener that asked for none. */
const DEFAULT_BACKLOG = 128

/** Read, write and search permission of owner, group and others: all that a socket can have. */
const ALL_PERMISSIONS = 0o777

const switches = ['overwrite', 'keepName', 'createFolders', 'checkFolders'] as const
const names = [
  'allow',
  'backlog',
  'busyPoll',
  'checkFolders',
  'createFolders',
  'keepName',
  'maxConnections',
  'maxConnectionsPerUser',
  'mode',
  'overwrite',
  'securityDescriptor',
  'signal',
  'stale',
] as const

/** Refuses what are no {@link ListenerOptions}, and a signal that has been aborted. Gives a copy. */
export function checkListenerOptions(options: ListenerOptions): ListenerOptions {
  checkKnown(options, names, 'listen')
  const chosen = taken(options, names)
  chosen.busyPoll = checkBusyPoll(chosen.busyPoll, 'listen')
  checkCount(chosen.backlog, 0, 'The option backlog of listen')
  const { mode, stale } = chosen
  if (stale !== undefined && stale !== 'reclaim' && stale !== 'fail') {
    throw argumentType('The option stale of listen', "'reclaim' or 'fail'", stale)
  }
  if (mode !== undefined) {
    const wanted = 'an integer from 0 to 0o777, such as 0o600'
    checkInteger(mode, 0, ALL_PERMISSIONS, 'The option mode of listen', wanted)
  }
  for (const option of switches) checkBoolean(chosen[option], `The option ${option} of listen`)
  checkSecurityDescriptor(chosen.securityDescriptor)
  chosen.allow = checkAllow(chosen.allow, 'The option allow of listen')
  checkCount(chosen.maxConnections, 1, 'The option maxConnections of listen')
  checkCount(chosen.maxConnectionsPerUser, 1, 'The option maxConnectionsPerUser of listen')
  checkSignal(chosen.signal, 'listen')
  return chosen
}

function checkSecurityDescriptor(descriptor: string | undefined): void {
  if (descriptor === undefined) return
  const option = 'The option securityDescriptor of listen'
  if (typeof descriptor !== 'string') {
    throw argumentType(option, 'a string, a security descriptor as text (SDDL)', descriptor)
  }
  if (!ON_WINDOWS) {
    throw argumentValue(`${option} is Windows' own: here, use mode for a path, or allow`)
  }
  if (descriptor === '' || descriptor.includes('\0')) {
    throw argumentValue(
      `${option} must be a security descriptor as text (SDDL). Received ${JSON.stringify(descriptor)}`,
    )
  }
}

/** What a name without a file is guarded by. */
const GUARDS = ON_WINDOWS ? 'use allow or securityDescriptor' : 'use allow, or a path'
/** What to do without a file. */
const LEAVE_OUT = ON_WINDOWS ? 'leave it out' : 'leave it out, or use a path'

/** Refuses what can't be done at this name. */
export function checkForName(options: ListenerOptions, name: Name): void {
  if (hasFile(name)) return
  if (options.mode !== undefined) {
    throw argumentValue(
      `The option mode of listen keeps nobody out of ${name.toString()}, which has no file: ${GUARDS}`,
    )
  }
  for (const option of switches) {
    if (options[option] === true) {
      throw argumentValue(
        `The option ${option} of listen has no meaning for ${name.toString()}, which has no file: ${LEAVE_OUT}`,
      )
    }
  }
}

/** What the addon is told of them. */
export function settingsOf(options: ListenerOptions, { rules }: Admission): ListenSettings {
  const { maxConnections, maxConnectionsPerUser, mode, securityDescriptor } = options
  return {
    backlog: options.backlog ?? DEFAULT_BACKLOG,
    reclaimStale: options.stale !== 'fail',
    overwrite: options.overwrite === true,
    keepName: options.keepName === true,
    createFolders: options.createFolders === true,
    checkFolders: options.checkFolders === true,
    ...(mode !== undefined && { mode }),
    ...(securityDescriptor !== undefined && { securityDescriptor }),
    ...(rules !== undefined && { allow: rules }),
    ...(maxConnections !== undefined && { maxConnections }),
    ...(maxConnectionsPerUser !== undefined && { maxConnectionsPerUser }),
  }
}
