// One process of a trial, started by process.ts: `node worker.js ROLE CONTESTANT JOB`. The roles are
// `server` and `client`, and, where the server starts the client itself, `both` and `partner`.

import { once } from 'node:events'
import { isMainThread, parentPort } from 'node:worker_threads'

import { entryOf } from './contestants.js'
import type { Both, Contestant, Couple, Findings, Job } from './job.js'

/** What a worker tells its parent: first that it listens, or waits to be told to go. */
export type Report = { ready: true } | { findings: Findings } | { both: Both }

/** Resolves when it is on its way: after that the channel may be closed. */
function report(message: Report): Promise<void> {
  return new Promise((resolve) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    if (parentPort !== null) resolve(parentPort.postMessage(message))
    else if (process.send === undefined) resolve()
    else process.send(message, undefined, undefined, () => resolve())
  })
}

async function work([role, name = '', order = '']: string[]): Promise<void> {
  // Each process loads its own contestant alone.
  const { load, many, couple } = entryOf(name)
  const job = JSON.parse(order) as Job
  if (role === 'both' || role === 'partner') {
    await pair(role, await found(couple, name)(), job)
  } else {
    await side(role, await found(isMany(job) ? many : load, name)(), job)
  }
  process.disconnect?.()
}

async function side(role = '', contestant: Contestant, job: Job): Promise<void> {
  if (role === 'server') {
    const listening = (): void => void report({ ready: true })
    await report({ findings: await contestant.serve(job, listening) })
  } else {
    // Not every runtime keeps a message for a listener that comes later.
    const told = once(process, 'message')
    await report({ ready: true })
    await told
    await report({ findings: await contestant.drive(job) })
  }
}

async function pair(role: string, couple: Couple, job: Job): Promise<void> {
  if (role === 'both') await report({ both: await couple.both(job) })
  else await report({ findings: await couple.drive(job) })
}

/** True of work over many connections. */
function isMany(job: Job): boolean {
  return ['connect', 'idle', 'active'].includes(job.work)
}

function found<T>(way: T | undefined, name: string): T {
  if (way === undefined) throw new Error(`${name} is not played like that`)
  return way
}

// The parent kills whoever is left when a trial fails; should it die itself, leave too.
if (isMainThread) process.once('disconnect', () => process.exit())

work(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
