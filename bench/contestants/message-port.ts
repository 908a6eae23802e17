import { once } from 'node:events'
import { MessageChannel, Worker, workerData, type MessagePort } from 'node:worker_threads'

import { driveOver, serveOver, type Channel } from '../channel.js'
import type { Couple, Findings } from '../job.js'
import { WORKER } from '../process.js'
import type { Report } from '../worker.js'

function over(port: MessagePort): Channel {
  return {
    send: (message) => port.postMessage(message),
    receive: (taken) => void port.on('message', taken),
    flush: () => Promise.resolve(), // The other thread has it at once.
  }
}

/** Two threads of one process; bytes are copied, as they are with processes. */
export const messagePort: Couple = {
  async both(job) {
    const { port1, port2 } = new MessageChannel()
    const worker = new Worker(WORKER, {
      argv: ['partner', 'MessagePort', JSON.stringify(job)],
      workerData: { port: port2 },
      transferList: [port2],
    })
    const told = once(worker, 'message') as Promise<[Report]>
    const [served, [report]] = await Promise.all([serveOver(over(port1), job), told])
    port1.close()
    if (!('findings' in report)) throw new Error('the partner told something else')
    // Both have read the one clock of the process.
    const driven: Findings = { ...report.findings, cpuSeconds: 0 }
    return { served, driven }
  },
  drive(job) {
    const { port } = workerData as { port: MessagePort }
    return driveOver(over(port), job)
  },
}
