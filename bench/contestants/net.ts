import { once } from 'node:events'
import { connect, createServer, type OnReadOpts, type Socket } from 'node:net'

import { RECEIPT_BYTES, type Contestant, type Findings, type Job } from '../job.js'
import { Echo, Flood, Pinger, Receiver } from '../roles.js'
import { blankMessage, stamp } from '../sequence.js'

/** How `net` is used. */
interface Habits {
  /** A burst of messages is gathered by cork and leaves in one system call. */
  cork?: boolean
  /** The client receives into one buffer of its own, by the option `onread`. */
  onread?: boolean
}

/** What `onread` is offered. */
const ONREAD_BYTES = 256 * 1024

/** How much a cork holds back. */
const CORK_BYTES = 1024 * 1024
const CORK_MESSAGES = 256

function contestant(habits: Habits): Contestant {
  return {
    async serve(job, listening) {
      const server = createServer().listen(job.path, listening)
      const [socket] = (await once(server, 'connection')) as [Socket]
      server.close()
      return await (job.work === 'one-way' ? send(socket, job, habits.cork) : echo(socket, job))
    },
    drive: (job) => (job.work === 'one-way' ? receive(job, habits) : ping(job, habits)),
  }
}

/** Connects, and hands on the first bytes of a chunk. What `taken` throws ends the process. */
export function dial(
  job: Job,
  onread: boolean | undefined,
  taken: (chunk: Uint8Array, length: number) => void,
): Socket {
  return onread
    ? connect({ path: job.path, onread: intoOneBuffer(taken) })
    : connect(job.path).on('data', (chunk) => taken(chunk, chunk.length))
}

function intoOneBuffer(taken: (chunk: Uint8Array, length: number) => void): OnReadOpts {
  const callback = (length: number, buffer: Uint8Array): boolean => {
    taken(buffer, length)
    return true
  }
  return { buffer: new Uint8Array(ONREAD_BYTES), callback }
}

/** Sends both phases; pauses whenever `write` answers false, until 'drain'. */
async function send(socket: Socket, job: Job, cork = false): Promise<Findings> {
  const burst = cork ? burstOf(job.size) : 1
  const messages = new Ring(socket, burst, job.size, () => blankMessage(job.size))
  const flood = new Flood(job, (from, end) => {
    let sequence = from
    let room = true
    while (room && sequence < end) {
      if (cork) socket.cork()
      const until = Math.min(end, sequence + burst)
      while (sequence < until) {
        const message = messages.next()
        stamp(message, sequence++)
        room = socket.write(message)
      }
      if (cork) socket.uncork()
    }
    return sequence
  })
  return await floodOver(socket, flood, RECEIPT_BYTES)
}

/** How many messages a cork holds back. */
export function burstOf(size: number): number {
  return Math.max(1, Math.floor(Math.min(CORK_MESSAGES, CORK_BYTES / size)))
}

/**
 * Memory for what is sent: it is `net`'s until it has gone, so all that can be on its way has its
 * own, and is used again only when the kernel has everything.
 */
export class Ring {
  readonly #socket: Socket
  readonly #messages: Uint8Array[]
  #next = 0

  constructor(socket: Socket, burst: number, size: number, make: () => Uint8Array) {
    this.#socket = socket
    const owed = Math.ceil(socket.writableHighWaterMark / size) + burst
    this.#messages = Array.from({ length: owed }, make)
  }

  next(): Uint8Array {
    if (this.#socket.writableLength === 0) this.#next = 0
    return this.#messages[this.#next++] as Uint8Array
  }
}

/** Runs a flood to its end: receipts of so many bytes come back over the socket. */
export async function floodOver(
  socket: Socket,
  flood: Flood,
  receiptBytes: number,
): Promise<Findings> {
  let received = 0
  socket.on('data', (chunk) => {
    received += chunk.length
    if (received < receiptBytes) return
    received = 0
    flood.receipt()
  })
  socket.on('drain', () => flood.go())
  flood.receipt()
  const findings = await flood.findings
  socket.end()
  return findings
}

/** Sends back each chunk as it comes, and reads no more while there is no room to write. */
export async function echo(socket: Socket, job: Job): Promise<Findings> {
  const echoed = new Echo(job)
  socket.on('data', (chunk) => {
    echoed.passed(chunk.length)
    if (!socket.write(chunk)) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  await once(socket, 'close')
  return echoed.findings()
}

async function receive(job: Job, { onread }: Habits): Promise<Findings> {
  const receiver = new Receiver(job, () => socket.write(new Uint8Array(RECEIPT_BYTES)))
  const socket = dial(job, onread, (chunk, length) => receiver.take(chunk, length))
  await once(socket, 'close')
  return receiver.findings()
}

async function ping(job: Job, { onread }: Habits): Promise<Findings> {
  const pinger = new Pinger(job, (message) => void socket.write(message))
  const socket = dial(job, onread, (chunk, length) => pinger.take(chunk, length))
  socket.once('connect', () => pinger.start())
  const ended = once(socket, 'close').then(() => {
    throw new Error('the connection ended before all had come')
  })
  const findings = await Promise.race([pinger.findings, ended])
  ended.catch(() => {})
  socket.end()
  return findings
}

/** Writes and 'data' events. */
export const net: Contestant = contestant({})

/** The sender corks. */
export const netCork: Contestant = contestant({ cork: true })

/** The client receives by `onread`: no allocation. */
export const netOnread: Contestant = contestant({ onread: true })
