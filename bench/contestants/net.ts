import { once } from 'node:events'
import { connect, createServer, type OnReadOpts, type Socket } from 'node:net'

import { RECEIPT_BYTES, type Contestant, type Findings, type Job } from '../job.js'
import { Marks, Meter } from '../meter.js'
import { blankMessage, SequenceCheck, stamp } from '../sequence.js'

/** How `net` is used. */
interface Habits {
  /** A burst of messages is gathered by cork and leaves in one system call. */
  cork?: boolean
  /** The client receives into one buffer of its own, by the option `onread`. */
  onread?: boolean
}

/** Takes a chunk's first `length` bytes. What it throws ends the process. */
type Taken = (chunk: Uint8Array, length: number) => void

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
      return await (job.work === 'one-way' ? send(socket, job, habits) : echo(socket, job))
    },
    async drive(job) {
      const play = job.work === 'one-way' ? new Receiver(job) : new Pinger(job)
      const taken: Taken = (chunk, length) => play.take(chunk, length)
      const socket = habits.onread
        ? connect({ path: job.path, onread: intoOneBuffer(taken) })
        : connect(job.path).on('data', (chunk) => taken(chunk, chunk.length))
      socket.once('connect', () => play.start(socket))
      await once(socket, 'close')
      return play.findings()
    },
  }
}

function intoOneBuffer(taken: Taken): OnReadOpts {
  const callback = (length: number, buffer: Uint8Array): boolean => {
    taken(buffer, length)
    return true
  }
  return { buffer: new Uint8Array(ONREAD_BYTES), callback }
}

/** Sends both phases; pauses whenever `write` answers false, until 'drain'. */
async function send(socket: Socket, job: Job, { cork }: Habits): Promise<Findings> {
  const burst = cork ? Math.max(1, Math.min(CORK_MESSAGES, CORK_BYTES / job.size)) : 1
  // A message's memory is `net`'s until it was sent: all that can be on its way has its own.
  const owed = Math.ceil(socket.writableHighWaterMark / job.size) + burst
  const messages = Array.from({ length: owed }, () => blankMessage(job.size))
  const meter = new Meter()
  let next = 0
  let sequence = 0
  let end = 0

  const pump = (): void => {
    while (sequence < end) {
      if (socket.writableLength === 0) next = 0 // The kernel has everything.
      if (cork) socket.cork()
      let room = true
      for (let i = 0; i < burst && sequence < end; i++) {
        const message = messages[next++] as Uint8Array
        stamp(message, sequence++)
        room = socket.write(message)
      }
      if (cork) socket.uncork()
      if (!room) return
    }
  }
  socket.on('drain', pump)

  for (const phase of [job.warmUp, job.count]) {
    meter.start()
    end += phase
    pump()
    await receipt(socket)
  }
  const findings = meter.stop()
  socket.end()
  return findings
}

async function receipt(socket: Socket): Promise<void> {
  for (let length = 0; length < RECEIPT_BYTES;) {
    const [chunk] = (await once(socket, 'data')) as [Buffer]
    length += chunk.length
  }
}

/** Sends back each chunk as it comes, and reads no more while there is no room to write. */
async function echo(socket: Socket, job: Job): Promise<Findings> {
  const marks = new Marks(job)
  let total = 0
  socket.on('data', (chunk) => {
    total += chunk.length
    marks.reached(total)
    if (!socket.write(chunk)) socket.pause()
  })
  socket.on('drain', () => socket.resume())
  await once(socket, 'close')
  return marks.findings()
}

class Receiver {
  readonly #marks: Marks
  readonly #check: SequenceCheck
  #socket: Socket | undefined

  constructor(job: Job) {
    this.#marks = new Marks(job)
    this.#check = new SequenceCheck(job.size)
  }

  start(socket: Socket): void {
    this.#socket = socket
  }

  take(chunk: Uint8Array, length: number): void {
    this.#check.take(chunk, length)
    if (this.#marks.reached(this.#check.total)) this.#socket?.write(new Uint8Array(RECEIPT_BYTES))
  }

  findings(): Findings {
    return this.#marks.findings()
  }
}

class Pinger {
  readonly #job: Job
  readonly #message: Uint8Array
  readonly #check: SequenceCheck
  readonly #meter = new Meter()
  #socket: Socket | undefined
  #sequence = 0
  #began = 0
  #findings: Findings | undefined

  constructor(job: Job) {
    this.#job = job
    this.#message = blankMessage(job.size)
    this.#check = new SequenceCheck(job.size)
  }

  start(socket: Socket): void {
    this.#socket = socket
    this.#send()
  }

  take(chunk: Uint8Array, length: number): void {
    this.#check.take(chunk, length)
    if (this.#check.total < (this.#sequence + 1) * this.#job.size) return
    if (this.#sequence >= this.#job.warmUp) this.#meter.roundTrip(this.#began)
    this.#sequence++
    this.#send()
  }

  #send(): void {
    const { warmUp, count } = this.#job
    if (this.#sequence === warmUp) this.#meter.start()
    if (this.#sequence === warmUp + count) {
      this.#findings = this.#meter.stop()
      this.#socket?.end()
      return
    }
    this.#began = performance.now()
    stamp(this.#message, this.#sequence)
    this.#socket?.write(this.#message)
  }

  findings(): Findings {
    if (this.#findings === undefined) throw new Error('the connection ended before all had come')
    return this.#findings
  }
}

/** Writes and 'data' events. */
export const net: Contestant = contestant({})

/** The sender corks. */
export const netCork: Contestant = contestant({ cork: true })

/** The client receives by `onread`: no allocation. */
export const netOnread: Contestant = contestant({ onread: true })
