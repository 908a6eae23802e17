/**
 * Sockets that others opened: what a service manager passed, and descriptors by their numbers.
 */
import { argumentValue } from './argument-errors.js'
import { socketName, takeActivated } from './binding.js'
import { checkInteger, checkKnown } from './checks.js'
import { faultError } from './errors.js'
import { nameOfSocket } from './name.js'
import type { Name } from './name.js'
import type { ListenerOptions } from './options.js'

/** An open descriptor, for `listen`. */
export interface Descriptor {
  /** Its number. */
  readonly fd: number
}

/** A descriptor that a service manager opened for this process. `listen` takes it as it is. */
export interface ActivatedSocket extends Descriptor {
  /**
   * What the manager calls it: `FileDescriptorName=` of its unit, which is the unit's own name
   * unless set; `unknown` where the manager said nothing, `stored` and `connection` as in
   * sd_listen_fds(3). Several may have the same.
   */
  readonly name: string
  /**
   * Whether it is a Unix domain stream socket that listens, which is what `listen` takes. What else
   * a unit may open, such as a datagram socket, a TCP socket, a FIFO or a connection
   * (`Accept=yes`), is passed all the same.
   */
  readonly listens: boolean
}

/**
 * Takes the sockets that systemd, or whoever speaks as it does, opened for this process, in its
 * order. It starts the process when the first client comes, and holds the sockets while the process
 * is restarted, so that clients never find nobody there.
 *
 * The descriptors are yours from then on: give each to `listen`, or close it. None were passed: an
 * empty array. So is each further answer in this process, in whatever thread.
 *
 * The rules are those of sd_listen_fds_with_names(3). There are `LISTEN_FDS` of them, from 3 on,
 * for the process whose id is `LISTEN_PID` (and, where systemd and the kernel tell, whose pidfd's
 * is `LISTEN_PIDFDID`), with the names in `LISTEN_FDNAMES`. So have the manager start `node`
 * itself: with `npx`, or a shell that doesn't `exec`, that would be another process. Child
 * processes get none: the descriptors are closed on exec. The environment is left as it is. The
 * sockets of macOS's launchd aren't to be had in this way.
 *
 * On Windows nobody passes pipes in this way: it throws `ENOTSUP`.
 *
 * Throws `ERR_LOCAL_SOCKET_ACTIVATION` if those variables make no sense, or if a descriptor isn't
 * open; nothing was taken then.
 *
 * ```ts
 * const [socket] = activated()
 * await using listener = await listen(socket ?? 'my-app.sock')
 * ```
 */
export function activated(): ActivatedSocket[] {
  const sockets = takeActivated()
  if ('syscall' in sockets) throw faultError(sockets)
  return sockets
}

/** What a descriptor may carry: an {@link ActivatedSocket} is one. */
const descriptorKeys = ['fd', 'listens', 'name'] as const

/** What the system's `int` can be. */
const LARGEST_DESCRIPTOR = 2 ** 31 - 1

/** Whether it is meant to be a {@link Descriptor}: there is an `fd` in it. */
export function isDescriptor(where: unknown): where is Descriptor {
  return typeof where === 'object' && where !== null && 'fd' in where
}

/** The number of a descriptor, refused if it can't be one. */
export function descriptorNumber(descriptor: Descriptor): number {
  checkKnown(descriptor, descriptorKeys, 'The descriptor of listen')
  const { fd } = descriptor
  checkInteger(fd, 0, LARGEST_DESCRIPTOR, 'The fd of listen')
  return fd
}

/** The options about making a name, or what becomes of it. */
const nameOptions = [
  'checkFolders',
  'createFolders',
  'keepName',
  'mode',
  'overwrite',
  'stale',
] as const satisfies readonly (keyof ListenerOptions)[]

/** Refuses what has no meaning for a socket that has its name already. */
export function checkForDescriptor(options: ListenerOptions): void {
  for (const option of nameOptions) {
    if (options[option] !== undefined && options[option] !== false) {
      throw argumentValue(
        `The option ${option} of listen is about making a name, and the socket of a descriptor has one already: leave it out`,
      )
    }
  }
}

/** The name that the socket of a descriptor has; refused if no listener can be made of it. */
export function nameOfDescriptor(fd: number): Name {
  const found = socketName(fd)
  if (!('syscall' in found)) return nameOfSocket(found)
  if (found.message === undefined) throw faultError(found, `fd ${fd}`)
  throw argumentValue(`The descriptor ${fd} can't be a listener: ${found.message}`)
}
