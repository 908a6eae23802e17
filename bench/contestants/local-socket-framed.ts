import { connect, listen } from 'local-socket'
import { framed, type Framed } from 'local-socket/framed'

import { RECEIPT_BYTES, type Contestant, type Findings, type Job } from '../job.js'
import { Meter } from '../meter.js'
import { Echo, Pinger, Receiver } from '../roles.js'
import { blankMessage, stamp } from '../sequence.js'
import { polling, type BusyPoll } from './polling.js'

/** How messages are taken. */
interface Taking {
  /** Takes messages until the peer ends: each by `message`, and `settle` after those that came. */
  all(messages: Framed, taker: Taker): Promise<void>
}

interface Taker {
  message(message: Uint8Array): void
  settle?(): void
  /** What the next messages have to wait for. */
  wait?(): Promise<void> | undefined
}

/** Views of memory that is used again; with `copy`, memory that the caller owns. */
function inBatches(copy: boolean): Taking {
  return {
    async all(messages, taker) {
      for await (const batch of messages.batches({ copy })) {
        for (const message of batch) taker.message(message)
        taker.settle?.()
        const wait = taker.wait?.()
        if (wait !== undefined) await wait
      }
    },
  }
}

/** One at a time, owned. */
const oneByOne: Taking = {
  async all(messages, taker) {
    for await (const message of messages) {
      taker.message(message)
      taker.settle?.()
      const wait = taker.wait?.()
      if (wait !== undefined) await wait
    }
  },
}

/** Views again, without a promise for each batch. Nothing more is read while there is to wait. */
const byCallback: Taking = {
  async all(messages, taker) {
    const take: Framed['onBatch'] = (batch) => {
      for (const message of batch) taker.message(message)
      taker.settle?.()
      const wait = taker.wait?.()
      if (wait === undefined) return
      messages.onBatch = undefined
      void wait.then(() => (messages.onBatch = take))
    }
    messages.onBatch = take
    await messages.ended
  },
}

function contestant(taking: Taking, busyPoll: BusyPoll): Contestant {
  return {
    async serve(job, listening) {
      const listener = await listen(job.path, polling(busyPoll))
      listening()
      const messages = framed(await listener.accept())
      const findings = await (job.work === 'one-way' ? send : echo)(messages, job, taking)
      await messages.close()
      await listener.close()
      return findings
    },
    async drive(job) {
      const messages = framed(await connect(job.path, polling(busyPoll)))
      const findings = await (job.work === 'one-way' ? receive : ping)(messages, job, taking)
      await messages.close()
      return findings
    },
  }
}

async function send(messages: Framed, job: Job): Promise<Findings> {
  const message = blankMessage(job.size)
  const meter = new Meter()
  let sequence = 0
  for (const phase of [job.warmUp, job.count]) {
    meter.start()
    for (let i = 0; i < phase; i++) {
      stamp(message, sequence++)
      if (!messages.send(message)) await messages.drained()
    }
    await messages.receive()
  }
  return meter.stop()
}

async function receive(messages: Framed, job: Job, taking: Taking): Promise<Findings> {
  const receiver = new Receiver(job, () => messages.send(new Uint8Array(RECEIPT_BYTES)))
  await taking.all(messages, receiver)
  return receiver.findings()
}

async function echo(messages: Framed, job: Job, taking: Taking): Promise<Findings> {
  const echoed = new Echo(job)
  let room = true
  await taking.all(messages, {
    message(message) {
      echoed.passed(message.length)
      room = messages.send(message)
    },
    wait: () => (room ? undefined : messages.drained()),
  })
  return echoed.findings()
}

async function ping(messages: Framed, job: Job, taking: Taking): Promise<Findings> {
  const pinger = new Pinger(job, (message) => void messages.send(message))
  const taken = taking.all(messages, pinger)
  pinger.start()
  const early = taken.then(() => {
    throw new Error('the connection ended before all had come')
  })
  const findings = await Promise.race([pinger.findings, early])
  early.catch(() => {}) // Closing is what ends it now.
  return findings
}

/** Borrowed views, in batches. */
export const batches: Contestant = contestant(inBatches(false), 'off')
export const batchesAdaptive: Contestant = contestant(inBatches(false), 'adaptive')

/** Borrowed views, by a callback for each batch. */
export const onBatch: Contestant = contestant(byCallback, 'off')
export const onBatchAdaptive: Contestant = contestant(byCallback, 'adaptive')

/** Messages that the caller owns, in batches. */
export const batchesCopy: Contestant = contestant(inBatches(true), 'off')

/** Messages that the caller owns, one at a time. */
export const messages: Contestant = contestant(oneByOne, 'off')
export const messagesAdaptive: Contestant = contestant(oneByOne, 'adaptive')
