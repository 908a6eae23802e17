/**
 * Two programs on one machine talk: local sockets, which are Unix-domain sockets or named pipes.
 *
 * @module
 */
export { connect } from './connect.js'
export type { PeerCredentials } from './connection.js'
export { LocalSocketError } from './errors.js'
export type { LocalSocketErrorDetails } from './errors.js'
export { RecvHalf, SendHalf } from './halves.js'
export { listen } from './listen.js'
export { Listener } from './listener.js'
export {
  AbstractNsUdSocket,
  FilesystemUdSocket,
  GenericFilePath,
  GenericNamespaced,
  Name,
  toFsName,
  toNsName,
} from './name.js'
export type { ConnectOptions, ListenerOptions } from './options.js'
export type { BusyPoll } from './patience.js'
export { Stream } from './stream.js'
export type { WaitOptions } from './waiting.js'
