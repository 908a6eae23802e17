/** What the types promise. Compiled, never run. */
import {
  AbstractNsUdSocket,
  FilesystemUdSocket,
  GenericFilePath,
  GenericNamespaced,
  Listener,
  LocalSocketError,
  Name,
  RecvHalf,
  SendHalf,
  Stream,
  connect,
  listen,
  toFsName,
  toNsName,
} from 'local-socket'
import type {
  Allow,
  AllowRule,
  BusyPoll,
  ConnectOptions,
  ListenerOptions,
  PeerCredentials,
  Refusal,
  WaitOptions,
} from 'local-socket'

import { framed, Framed } from 'local-socket/framed'
import type { Batch, BatchesOptions, FramedOptions } from 'local-socket/framed'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Compiles only if the value's type is the very type that is named. */
function is<Wanted>() {
  return <Given>(
    _value: Given,
    ..._same: Same<Given, Wanted> extends true ? [] : [never]
  ): void => {}
}

export async function names(): Promise<void> {
  is<Name>()(toFsName('./x', GenericFilePath))
  is<Name>()(toFsName('./x', FilesystemUdSocket))
  is<Name>()(toNsName('x', GenericNamespaced))
  is<Name>()(toNsName('x', AbstractNsUdSocket))
  // @ts-expect-error a path is not made with a namespaced type
  toFsName('./x', GenericNamespaced)
  // @ts-expect-error a namespaced name is not made with a path type
  toNsName('x', GenericFilePath)
  // @ts-expect-error the type must be said
  toFsName('./x')
  // @ts-expect-error a name type is not just any object
  toNsName('x', {})
  // @ts-expect-error names are made by toFsName and toNsName
  void new Name()
  const name = toFsName('./x', GenericFilePath)
  is<'path' | 'namespaced'>()(name.kind)
  is<string>()(name.toString())
  is<string>()(name.toNetPath())
  // @ts-expect-error something that looks like a name is none
  await connect({ kind: 'path', toString: () => 'x', toNetPath: () => 'x' })
}

export async function opening(signal: AbortSignal, given: number | undefined): Promise<void> {
  is<Promise<Listener>>()(listen('x'))
  is<Promise<Stream>>()(connect(toNsName('x', GenericNamespaced)))
  await listen('x', { backlog: 5, signal })
  await connect('x', { timeout: 5_000, retry: true, signal })
  // What was not given may be passed on.
  await connect('x', { timeout: given, signal: undefined })
  // @ts-expect-error unknown option
  await listen('x', { port: 1 })
  // @ts-expect-error unknown option
  await connect('x', { timout: 1 })
  // @ts-expect-error wrong type
  await connect('x', { timeout: '1' })
  // @ts-expect-error a number is not a name
  await connect(8080)
  const busyPoll: BusyPoll = { maxMicros: 50 }
  await listen('x', { busyPoll })
  await connect('x', { busyPoll: 'adaptive' })
  await connect('x', { busyPoll: undefined })
  is<BusyPoll | undefined>()(({} as ConnectOptions).busyPoll)
  is<BusyPoll | undefined>()(({} as ListenerOptions).busyPoll)
  // @ts-expect-error no such way to wait
  await connect('x', { busyPoll: 'on' })
  // @ts-expect-error a number alone does not say what it is
  await listen('x', { busyPoll: 50 })
  // @ts-expect-error unknown property
  await connect('x', { busyPoll: { maxMicros: 50, minMicros: 1 } })
  const wait: WaitOptions = {}
  const connecting: ConnectOptions = wait
  const forListening: ListenerOptions = { backlog: 1 }
  void [connecting, forListening]
}

export async function admission(listener: Listener): Promise<void> {
  const rules: readonly AllowRule[] = ['sameUser', 'anyone', { uid: 0 }, { gid: 0 }]
  for (const allow of rules) await listen('x', { allow })
  await listen('x', { allow: rules })
  await connect('x', { server: ({ uid, groups }) => uid === 0 || groups?.includes(4) === true })
  is<Allow | undefined>()(({} as ListenerOptions).allow)
  is<Allow | undefined>()(({} as ConnectOptions).server)
  // @ts-expect-error a promise is not waited for
  await listen('x', { allow: async () => true })
  // @ts-expect-error no such rule
  await listen('x', { allow: 'root' })
  // @ts-expect-error a list has rules, and no functions
  await connect('x', { server: [() => true] })
  const mode: number = 0o600
  await listen('/x', { mode, stale: 'fail', overwrite: true, keepName: true })
  await listen('/x', { createFolders: true, checkFolders: true, maxConnections: 5 })
  // @ts-expect-error a way to treat what a killed server left
  await listen('/x', { stale: 'keep' })
  is<number>()(listener.refused)
  is<((refusal: Refusal) => void) | undefined>()(listener.onRefused)
  listener.onRefused = ({ reason, peer, cause }) => {
    is<'notAllowed' | 'tooManyConnections' | 'tooManyOfUser'>()(reason)
    is<PeerCredentials>()(peer)
    is<unknown>()(cause)
  }
  listener.onRefused = undefined
}

export async function listening(listener: Listener): Promise<void> {
  // @ts-expect-error listeners are made by listen
  void new Listener()
  is<Name>()(listener.name)
  is<Promise<Stream>>()(listener.accept({ timeout: 1 }))
  for await (const stream of listener) is<Stream>()(stream)
  for await (const stream of listener.incoming()) is<Stream>()(stream)
  is<Promise<void>>()(listener.close())
  is<Listener>()(listener.ref().unref())
  await using scoped = await listen('x')
  void scoped
}

export async function streams(stream: Stream, signal: AbortSignal): Promise<void> {
  // @ts-expect-error streams are made by connect and accept
  void new Stream()
  is<Promise<Uint8Array<ArrayBuffer> | null>>()(stream.read({ signal }))
  is<Promise<number | null>>()(stream.readInto(new Uint8Array(1)))
  is<Promise<number | null>>()(stream.readInto(Buffer.alloc(1), { timeout: 1 }))
  is<Promise<Uint8Array<ArrayBuffer>>>()(stream.readExact(4))
  is<Uint8Array<ArrayBuffer> | null | undefined>()(stream.tryRead())
  for await (const chunk of stream) is<Uint8Array<ArrayBuffer>>()(chunk)
  is<Promise<void>>()(stream.write('text', { timeout: 1, signal }))
  await stream.write(new Uint8Array(new SharedArrayBuffer(1)))
  is<number>()(stream.tryWrite(Buffer.alloc(1)))
  // @ts-expect-error bytes or text
  await stream.write([1, 2, 3])
  // @ts-expect-error other views are to be wrapped in a Uint8Array
  await stream.write(new DataView(new ArrayBuffer(1)))
  // @ts-expect-error unknown option
  await stream.read({ timout: 1 })
  stream.cork()
  stream.uncork()
  is<Promise<void>>()(stream.end())
  is<Promise<void>>()(stream.close({ timeout: 1 }))
  is<void>()(stream.destroy(new Error('why')))
  is<PeerCredentials>()(stream.peer)
  is<number | undefined>()(stream.peer.uid)
  is<readonly number[] | undefined>()(stream.peer.groups)
  // @ts-expect-error the kernel's word is not to be changed
  stream.peer.uid = 0
  is<boolean | undefined>()(stream.peerIsRunning())
  is<number>()(stream.fd)
  is<number>()(stream.bytesRead)
  is<number>()(stream.bytesWritten)
  is<boolean>()(stream.closed)
  is<Stream>()(stream.ref().unref())
  await using scoped = stream
  void scoped
}

export async function halves(stream: Stream): Promise<void> {
  // @ts-expect-error halves are made by split
  void new RecvHalf()
  // @ts-expect-error halves are made by split
  void new SendHalf()
  const { recv, send } = stream.split()
  is<RecvHalf>()(recv)
  is<SendHalf>()(send)
  is<Promise<Uint8Array<ArrayBuffer> | null>>()(recv.read())
  for await (const chunk of recv) is<Uint8Array<ArrayBuffer>>()(chunk)
  is<Promise<void>>()(send.write('x'))
  // @ts-expect-error a receiving half does not send
  await recv.write('x')
  // @ts-expect-error a sending half does not receive
  await send.read()
  is<Stream>()(Stream.reunite(recv, send))
  // @ts-expect-error the receiving half comes first
  Stream.reunite(send, recv)
}

export function errors(error: unknown): void {
  if (!(error instanceof LocalSocketError)) return
  is<string>()(error.code)
  is<number | undefined>()(error.errno)
  is<string | undefined>()(error.syscall)
  is<string | undefined>()(error.address)
  is<number | undefined>()(error.bytesWritten)
  is<Uint8Array<ArrayBuffer> | undefined>()(error.received)
  is<PeerCredentials | undefined>()(error.peer)
  is<unknown>()(error.cause)
}

export async function messages(stream: Stream, given: number | undefined): Promise<void> {
  is<Framed>()(framed(stream))
  const options: FramedOptions = { maxLength: given, lengthBytes: 2, byteOrder: 'little' }
  const both = framed(stream, options)
  // @ts-expect-error unknown option
  framed(stream, { maxlength: 1 })
  // @ts-expect-error a length has at most eight bytes
  framed(stream, { lengthBytes: 9 })
  // @ts-expect-error there are two byte orders
  framed(stream, { byteOrder: 'BE' })
  // @ts-expect-error made by framed
  void new Framed()
  is<boolean>()(both.send(new Uint8Array(1)))
  both.send('text')
  both.send(Buffer.from('x'))
  // @ts-expect-error bytes or a string
  both.send(1)
  is<Promise<void>>()(both.drained({ timeout: 1 }))
  is<number>()(both.bufferedBytes)
  is<Promise<Uint8Array<ArrayBuffer> | null>>()(both.receive({ timeout: 1 }))
  for await (const message of both) is<Uint8Array<ArrayBuffer>>()(message)
  const copies: BatchesOptions = { copy: true }
  for await (const batch of both.batches(copies)) {
    is<Batch>()(batch)
    is<number>()(batch.length)
    is<Uint8Array<ArrayBuffer>>()(batch.at(0))
    for (const message of batch) is<Uint8Array<ArrayBuffer>>()(message)
  }
  both.onBatch = (batch) => is<Batch>()(batch)
  both.onBatch = undefined
  is<Promise<void>>()(both.ended)
  await both.end({ timeout: 1 })
  await using closing = both
  is<boolean>()(closing.closed)
  is<Framed>()(both.ref().unref())
}
