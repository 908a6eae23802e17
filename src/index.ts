/**
 * Two programs on one machine talk: local sockets, which are Unix-domain sockets or named pipes.
 *
 * @module
 */
export { activated } from './activation.js'
export type { ActivatedSocket, Descriptor } from './activation.js'
export type { Allow, AllowRule } from './admission.js'
export { connect } from './connect.js'
export type { ConnectOptions } from './connect-options.js'
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
export type { ListenerOptions } from './options.js'
export type { BusyPoll } from './patience.js'
export type { PeerCredentials } from './peer.js'
export type { Refusal } from './refusals.js'
export { Stream } from './stream.js'
export type { WaitOptions } from './waiting.js'
