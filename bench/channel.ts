// Packages that carry messages and take callbacks all play by these rules.

import type { Findings, Job } from './job.js'
import { Echo, Flood, Pinger, Receiver } from './roles.js'
import { blankMessage, stamp } from './sequence.js'

/** A connection as a package gives it. */
export interface Channel {
  /** Sends. The memory may be kept until the peer has answered, or a window later. */
  send(message: Uint8Array): void
  /** Whom to tell of each message. */
  receive(taken: (message: Uint8Array) => void): void
  /** Resolves once everything that was sent is on its way. */
  flush(): Promise<void>
}

/** At most so much is on its way, as most of these packages know no backpressure. */
const WINDOW_BYTES = 8 * 1024 * 1024
const WINDOW_MESSAGES = 1024

/** Messages between the two about the job itself: a number, in a size that no job has. */
const NOTE_BYTES = 8

/** What a client says first: it is listening. */
const HELLO = 0

/** What a client says last, when it needs no more replies. */
const BYE = 0xffff_ffff

function windowOf({ size }: Job): number {
  return Math.max(2, Math.min(WINDOW_MESSAGES, Math.floor(WINDOW_BYTES / size)))
}

function note(number: number): Uint8Array {
  const bytes = blankMessage(NOTE_BYTES)
  stamp(bytes, number)
  return bytes
}

function numberIn(message: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = message
  return (a | (b << 8) | (c << 16) | (d << 24)) >>> 0
}

/** Plays the server. */
export function serveOver(channel: Channel, job: Job): Promise<Findings> {
  return job.work === 'one-way' ? send(channel, job) : echo(channel, job)
}

/** Plays the client. */
export async function driveOver(channel: Channel, job: Job): Promise<Findings> {
  const findings = await (job.work === 'one-way' ? receive(channel, job) : ping(channel, job))
  await channel.flush()
  return findings
}

/** Sends both phases. The receiver tells how many messages it has, twice in a window. */
async function send(channel: Channel, job: Job): Promise<Findings> {
  const window = windowOf(job)
  const messages = Array.from({ length: window }, () => blankMessage(job.size))
  let arrived = 0
  let sent = 0
  let until = 0
  const flood = new Flood(job, (from, end) => {
    until = end
    for (sent = from; sent < end && sent < arrived + window; sent++) {
      const message = messages[sent % window] as Uint8Array
      stamp(message, sent)
      channel.send(message)
    }
    return sent
  })
  channel.receive((message) => {
    arrived = numberIn(message)
    if (arrived === until) flood.receipt()
    else flood.go()
  })
  return await flood.findings
}

function receive(channel: Channel, job: Job): Promise<Findings> {
  const half = windowOf(job) >> 1
  const all = job.warmUp + job.count
  return new Promise((resolve) => {
    let arrived = 0
    const receiver = new Receiver(job, () => {
      channel.send(note(arrived))
      if (arrived === all) resolve(receiver.findings())
    })
    channel.receive((message) => {
      receiver.message(message)
      arrived++
      receiver.settle()
      const settled = arrived === job.warmUp || arrived === all
      if (!settled && arrived % half === 0) channel.send(note(arrived))
    })
    channel.send(note(HELLO))
  })
}

function echo(channel: Channel, job: Job): Promise<Findings> {
  const echoed = new Echo(job)
  return new Promise((resolve) => {
    channel.receive((message) => {
      if (message.length === NOTE_BYTES) {
        resolve(echoed.findings())
        return
      }
      echoed.passed(message.length)
      channel.send(message)
    })
  })
}

async function ping(channel: Channel, job: Job): Promise<Findings> {
  const pinger = new Pinger(job, (message) => channel.send(message))
  channel.receive((message) => pinger.message(message))
  pinger.start()
  const findings = await pinger.findings
  channel.send(note(BYE))
  return findings
}
