import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

import { blankFrame, FrameParser, LENGTH_BYTES, writeLength } from '../frames.js'
import { RECEIPT_BYTES, type Contestant, type Findings, type Job } from '../job.js'
import { Echo, Flood, Pinger, Receiver } from '../roles.js'
import { blankMessage, stamp } from '../sequence.js'
import { burstOf, dial, floodOver, Ring } from './net.js'

/** How `net` is used for messages. */
interface Habits {
  /** How messages are sent: a write each, in bursts by cork, or gathered by hand. */
  sending?: 'cork' | 'gather'
  /** The client receives into one buffer of its own, by the option `onread`. */
  onread?: boolean
}

/** How much is gathered by hand. */
const GATHER_BYTES = 64 * 1024

function contestant(habits: Habits): Contestant {
  return {
    async serve(job, listening) {
      const server = createServer().listen(job.path, listening)
      const [socket] = (await once(server, 'connection')) as [Socket]
      server.close()
      return await (job.work === 'one-way' ? send(socket, job, habits) : echo(socket, job))
    },
    drive: (job) => (job.work === 'one-way' ? receive(job, habits) : ping(job, habits)),
  }
}

async function send(socket: Socket, job: Job, { sending }: Habits): Promise<Findings> {
  const sender = sending === 'gather' ? gathering(socket, job) : writing(socket, job, sending)
  return await floodOver(socket, new Flood(job, sender), LENGTH_BYTES + RECEIPT_BYTES)
}

/** A write for each message, header and all; in bursts within a cork. */
function writing(
  socket: Socket,
  job: Job,
  cork: 'cork' | undefined,
): (from: number, end: number) => number {
  const burst = cork ? burstOf(job.size) : 1
  const message = blankMessage(job.size)
  const frames = new Ring(socket, burst, job.size + LENGTH_BYTES, () => blankFrame(message))
  return (from, end) => {
    let sequence = from
    let room = true
    while (room && sequence < end) {
      if (cork) socket.cork()
      const until = Math.min(end, sequence + burst)
      while (sequence < until) {
        const frame = frames.next()
        stamp(frame, sequence++, LENGTH_BYTES)
        room = socket.write(frame)
      }
      if (cork) socket.uncork()
    }
    return sequence
  }
}

/** Frames gathered into one buffer until it is full: the most that JavaScript over `net` can do. */
function gathering(socket: Socket, job: Job): (from: number, end: number) => number {
  const message = blankMessage(job.size)
  const frameBytes = job.size + LENGTH_BYTES
  const fit = Math.max(1, Math.floor(GATHER_BYTES / frameBytes))
  const buffers = new Ring(socket, 1, fit * frameBytes, () => new Uint8Array(fit * frameBytes))
  return (from, end) => {
    let sequence = from
    let room = true
    while (room && sequence < end) {
      const buffer = buffers.next()
      const until = Math.min(end, sequence + fit)
      let at = 0
      while (sequence < until) {
        stamp(message, sequence++)
        writeLength(buffer, at, job.size)
        buffer.set(message, at + LENGTH_BYTES)
        at += frameBytes
      }
      room = socket.write(at === buffer.length ? buffer : buffer.subarray(0, at))
    }
    return sequence
  }
}

/** Sends back each message as it comes, and reads no more while there is no room to write. */
async function echo(socket: Socket, job: Job): Promise<Findings> {
  const echoed = new Echo(job)
  const parser = new FrameParser((message) => {
    echoed.passed(message.length)
    if (!socket.write(blankFrame(message))) socket.pause()
  })
  socket.on('data', (chunk) => parser.take(chunk))
  socket.on('drain', () => socket.resume())
  await once(socket, 'close')
  return echoed.findings()
}

async function receive(job: Job, { onread }: Habits): Promise<Findings> {
  const receipt = blankFrame(new Uint8Array(RECEIPT_BYTES))
  const receiver = new Receiver(job, () => socket.write(receipt))
  const parser = new FrameParser((message) => receiver.message(message), onread)
  const socket = dial(job, onread, (chunk, length) => {
    parser.take(chunk, length)
    receiver.settle()
  })
  await once(socket, 'close')
  return receiver.findings()
}

async function ping(job: Job, { onread }: Habits): Promise<Findings> {
  const pinger = new Pinger(job, (message) => void socket.write(blankFrame(message)))
  const parser = new FrameParser((message) => pinger.message(message), onread)
  const socket = dial(job, onread, (chunk, length) => parser.take(chunk, length))
  socket.once('connect', () => pinger.start())
  const findings = await pinger.findings
  socket.end()
  return findings
}

/** A write for each message. */
export const plain: Contestant = contestant({})

/** The sender corks. */
export const cork: Contestant = contestant({ sending: 'cork' })

/** The client receives by `onread`. */
export const onread: Contestant = contestant({ onread: true })

/** The sender gathers by hand. */
export const gather: Contestant = contestant({ sending: 'gather' })
