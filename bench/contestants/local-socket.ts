import { setTimeout as sleep } from 'node:timers/promises'

import { connect, listen, type Stream } from 'local-socket'

import { RECEIPT_BYTES, type Contestant, type Findings, type Job } from '../job.js'
import { Marks, Meter } from '../meter.js'
import { blankMessage, SequenceCheck, stamp } from '../sequence.js'
import { ALWAYS, polling, type BusyPoll } from './polling.js'

/** How a stream's bytes are fetched. */
interface Reading {
  /** Receives until the end; waits for what `taken` returns before it goes on. */
  receive(stream: Stream, taken: Taken): Promise<void>
  /** Receives one message and gives it or its start. */
  message(stream: Stream, size: number): Promise<Uint8Array>
}

type Taken = (chunk: Uint8Array, length: number) => Promise<void> | undefined

/** What `readInto` is offered. */
const INTO_BYTES = 256 * 1024

/** Chunks that the caller owns. */
const owned: Reading = {
  async receive(stream, taken) {
    for await (const chunk of stream) {
      const wait = taken(chunk, chunk.length)
      if (wait !== undefined) await wait
    }
  },
  message: (stream, size) => stream.readExact(size),
}

/** One buffer of the caller's for everything. */
function intoOneBuffer(): Reading {
  const buffer = new Uint8Array(INTO_BYTES)
  return {
    async receive(stream, taken) {
      for (;;) {
        const length = await stream.readInto(buffer)
        if (length === null) return
        const wait = taken(buffer, length)
        if (wait !== undefined) await wait
      }
    },
    async message(stream, size) {
      let length = await stream.readInto(buffer)
      if (length === size) return buffer
      while (length !== null && length < size) {
        const more: number | null = await stream.readInto(buffer.subarray(length, size))
        length = more === null ? null : length + more
      }
      if (length === null) throw new Error('the connection ended within a message')
      return buffer
    },
  }
}

function contestant(reading: () => Reading, busyPoll: BusyPoll): Contestant {
  return {
    async serve(job, listening) {
      const listener = await listen(job.path, polling(busyPoll))
      listening()
      const stream = await listener.accept()
      const findings = await (job.work === 'one-way' ? send : echo)(stream, job, reading())
      await stream.close()
      await listener.close()
      return findings
    },
    async drive(job) {
      const stream = await connect(job.path, polling(busyPoll))
      const findings = await (job.work === 'one-way' ? receive : ping)(stream, job, reading())
      await stream.close()
      return findings
    },
  }
}

async function send(stream: Stream, job: Job): Promise<Findings> {
  const message = blankMessage(job.size)
  const meter = new Meter()
  let sequence = 0
  for (const phase of [job.warmUp, job.count]) {
    meter.start()
    for (let i = 0; i < phase; i++) {
      stamp(message, sequence++)
      await stream.write(message)
    }
    await stream.readExact(RECEIPT_BYTES)
  }
  return meter.stop()
}

async function receive(stream: Stream, job: Job, reading: Reading): Promise<Findings> {
  const check = new SequenceCheck(job.size)
  const marks = new Marks(job)
  const receipt = new Uint8Array(RECEIPT_BYTES)
  await reading.receive(stream, (chunk, length) => {
    check.take(chunk, length)
    return marks.reached(check.total) ? stream.write(receipt) : undefined
  })
  return marks.findings()
}

async function echo(stream: Stream, job: Job, reading: Reading): Promise<Findings> {
  const marks = new Marks(job)
  let total = 0
  await reading.receive(stream, (chunk, length) => {
    total += length
    marks.reached(total)
    return stream.write(length === chunk.length ? chunk : chunk.subarray(0, length))
  })
  return marks.findings()
}

async function ping(stream: Stream, job: Job, reading: Reading): Promise<Findings> {
  const message = blankMessage(job.size)
  const check = new SequenceCheck(job.size)
  const meter = new Meter(job)
  for (let sequence = 0; sequence < job.warmUp + job.count; sequence++) {
    if (sequence === job.warmUp) meter.start()
    const began = performance.now()
    stamp(message, sequence)
    await stream.write(message)
    check.take(await reading.message(stream, job.size), job.size)
    if (sequence >= job.warmUp) meter.roundTrip(began)
    if (job.thinkMs !== undefined) await sleep(job.thinkMs)
  }
  return meter.stop()
}

/** `for await` and `readExact`: chunks that the caller owns. */
export const read: Contestant = contestant(() => owned, 'off')

/** `readInto`: no allocation. */
export const readInto: Contestant = contestant(intoOneBuffer, 'off')
export const readIntoAdaptive: Contestant = contestant(intoOneBuffer, 'adaptive')
export const readIntoAwake: Contestant = contestant(intoOneBuffer, ALWAYS)
