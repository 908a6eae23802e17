import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

import type { Entry } from './contestants.js'
import type { Both, Findings, Job } from './job.js'
import { runtime } from './peers.js'
import { placed, type Placement, type Role } from './placement.js'
import type { Report } from './worker.js'

/** The program that plays a role. */
export const WORKER: string = fileURLToPath(new URL('./worker.js', import.meta.url))

/** How a process of a trial is started. */
export interface Order {
  worker: string
  contestant: string
  entry: Entry
  job: Job
  placement: Placement
  signal: AbortSignal
}

/** One of a trial's processes. */
export class Worker {
  readonly ready: Promise<void>
  readonly findings: Promise<Findings>
  readonly both: Promise<Both>
  readonly #child: ChildProcess
  readonly #ended: Promise<void>

  constructor(role: Role | 'both', order: Order) {
    const { worker, contestant, entry, job, placement, signal } = order
    const [execPath = process.execPath, ...execArgv] = [
      ...(role === 'both' ? [] : placed(placement, role)),
      ...commandOf(entry),
    ]
    const child = fork(worker, [role, contestant, JSON.stringify(job)], {
      execPath,
      execArgv,
      signal,
      killSignal: 'SIGKILL',
    })
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.once('close', () => resolve())
      child.once('error', () => resolve())
    })
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`the ${role} ended with code ${code}`)))
    })
    const told = <T>(answer: (report: Report) => T | undefined): Promise<T> => {
      const promise = new Promise<T>((resolve) => {
        child.on('message', (report: Report) => {
          const found = answer(report)
          if (found !== undefined) resolve(found)
        })
      })
      const first = Promise.race([promise, failed])
      first.catch(() => {}) // Whoever waits learns of it; nobody may be waiting any more.
      return first
    }
    const ready = told((report) => ('ready' in report ? true : undefined))
    this.ready = ready.then(() => {})
    this.ready.catch(() => {})
    this.findings = told((report) => ('findings' in report ? report.findings : undefined))
    this.both = told((report) => ('both' in report ? report.both : undefined))
  }

  go(): void {
    this.#child.send('go')
  }

  /** Waits for the process to be gone; one that has told its findings leaves by itself. */
  async end(): Promise<void> {
    const insist = setTimeout(() => this.#child.kill('SIGKILL'), 1_000)
    await this.#ended
    clearTimeout(insist)
  }
}

function commandOf({ runtime: other }: Entry): string[] {
  if (other === undefined) return [process.execPath]
  const program = runtime(other)
  if (program === undefined) throw new Error(`${other} is not in bench/peers`)
  return other === 'deno' ? [program, 'run', '--allow-all', '--quiet'] : [program]
}
