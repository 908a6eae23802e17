import { fork, type Serializable } from 'node:child_process'
import { once } from 'node:events'

import { driveOver, serveOver, type Channel } from '../channel.js'
import type { Both, Couple, Findings } from '../job.js'
import { WORKER } from '../process.js'
import { Outstanding } from '../promised.js'
import type { Report } from '../worker.js'

/** How messages go through a channel that serializes them in this way. */
interface Serialization {
  name: string
  mode: 'json' | 'advanced'
  encode(message: Uint8Array): Serializable
  decode(sent: unknown): Uint8Array
}

/** One end of the channel between a process and its child. */
interface End {
  send(message: Serializable, done: () => void): void
  on(event: 'message', taken: (message: unknown) => void): unknown
}

function over(end: End, { encode, decode }: Serialization): Channel {
  const sending = new Outstanding()
  return {
    send(message) {
      sending.add()
      end.send(encode(message), sending.done)
    },
    receive(taken) {
      end.on('message', (sent) => {
        if (!isReport(sent)) taken(decode(sent))
      })
    },
    flush: () => sending.settled(),
  }
}

/** The partner's findings come through the same channel; messages are strings or bytes. */
function isReport(sent: unknown): sent is Report {
  return typeof sent === 'object' && sent !== null && 'findings' in sent
}

function couple(serialization: Serialization): Couple {
  return {
    async both(job): Promise<Both> {
      const args = ['partner', serialization.name, JSON.stringify(job)]
      const child = fork(WORKER, args, { serialization: serialization.mode })
      const closed = once(child, 'close')
      const driven = new Promise<Findings>((resolve, reject) => {
        child.on('message', (sent) => {
          if (isReport(sent) && 'findings' in sent) resolve(sent.findings)
        })
        child.once('close', () => reject(new Error('the partner ended before it had told')))
      })
      const end: End = {
        send: (message, done) => void child.send(message, done),
        on: (event, taken) => child.on(event, taken),
      }
      const served = serveOver(over(end, serialization), job)
      const both = {
        served: await Promise.race([served, driven.then(() => served)]),
        driven: await driven,
      }
      await closed
      return both
    },
    drive(job) {
      const end: End = {
        send: (message, done) => void process.send?.(message, undefined, undefined, done),
        on: (event, taken) => process.on(event, taken),
      }
      return driveOver(over(end, serialization), job)
    },
  }
}

/** JSON carries no bytes: they go as Base64. */
export const forkJson: Couple = couple({
  name: 'fork IPC json',
  mode: 'json',
  encode: (message) =>
    Buffer.from(message.buffer, message.byteOffset, message.length).toString('base64'),
  decode: (sent) => Buffer.from(sent as string, 'base64'),
})

/** The structured clone of V8 carries bytes as they are. */
export const forkAdvanced: Couple = couple({
  name: 'fork IPC advanced',
  mode: 'advanced',
  encode: (message) => message,
  decode: (sent) => sent as Uint8Array,
})
