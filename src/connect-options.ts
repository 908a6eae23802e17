/**
 * What a connection is to be like, and its checks.
 */
import { checkAllow } from './admission.js'
import type { Allow } from './admission.js'
import {
  checkBoolean,
  checkBusyPoll,
  checkKnown,
  checkSignal,
  checkTimeout,
  taken,
} from './checks.js'
import type { BusyPoll } from './patience.js'
import type { WaitOptions } from './waiting.js'

/** Options of `connect`. */
export interface ConnectOptions extends WaitOptions {
  /**
   * Also waits, within `timeout`, for a server that is still starting: while there is no such name
   * (`ENOENT`) or nobody listens on it (`ECONNREFUSED`), it is tried again every 5 to 100 ms.
   * Default false: these reject at once. Without a `timeout` it waits for ever.
   */
  retry?: boolean | undefined
  /**
   * Who must be serving, by the kernel's word, checked before anybody gets the stream and before
   * anything is sent: a rule, a list of rules, or a function; see {@link Allow}. Another server is
   * an error with `ERR_LOCAL_SOCKET_SERVER_NOT_ALLOWED`, also with `retry`: it says who serves and
   * the option that would admit it. So a squatter can deny a name, and not impersonate its server.
   *
   * The kernel tells who called `listen`: a server that did so as root and then dropped its
   * privileges shows root. Windows tells the owner of the pipe, which is whoever made it, or, of a
   * service or an elevated program, may be the administrators. It doesn't tell programs of one user
   * apart that are trusted more and less, such as elevated ones and others.
   *
   * Default: for namespaced names, which whoever comes first gets, `'sameUser'`, which root is,
   * too; for paths `'anyone'`, since the permissions of the folder guard them. `'anyone'` turns it
   * off.
   */
  server?: Allow | undefined
  /**
   * How the stream waits for bytes when there are none. Sleeping is cheap, but being
   * woken takes tens of microseconds; a stream that stays awake for a short time first, looking
   * again and again, gets an answer that comes at once up to ten times as fast.
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
}

const names = ['busyPoll', 'retry', 'server', 'signal', 'timeout'] as const

/** Refuses what are no {@link ConnectOptions}, and a signal that has been aborted. Gives a copy. */
export function checkConnectOptions(options: ConnectOptions): ConnectOptions {
  checkKnown(options, names, 'connect')
  const chosen = taken(options, names)
  checkTimeout(chosen.timeout, 'connect')
  chosen.busyPoll = checkBusyPoll(chosen.busyPoll, 'connect')
  checkBoolean(chosen.retry, 'The option retry of connect')
  chosen.server = checkAllow(chosen.server, 'The option server of connect')
  checkSignal(chosen.signal, 'connect')
  return chosen
}
