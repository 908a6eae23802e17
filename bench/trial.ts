import { fork, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { nativeTrial } from './contestants/native.js'
import type { Findings, Job, Trial } from './job.js'
import type { Row } from './rows.js'
import type { Report } from './worker.js'

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url))

/** A trial that takes longer than this has hung. */
const DEADLINE_MS = 60_000

/** The part of a trial's length that a fresh process spends on warming up before the clocks start. */
const WARM_UP_SHARE = 0.35

/** Runs `count` messages between two fresh processes. */
export async function runTrial(contestant: string, row: Row, count: number): Promise<Trial> {
  const folder = await mkdtemp(join(tmpdir(), 'local-socket-bench-'))
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), DEADLINE_MS)
  try {
    const warmUp = Math.ceil(count * WARM_UP_SHARE)
    const path = join(folder, 'bench.sock')
    const job: Job = { work: row.work, size: row.size, warmUp, count, path }
    const play = contestant === 'native' ? nativeTrial : nodeTrial
    return await play(job, late.signal, contestant)
  } catch (error) {
    if (late.signal.aborted) {
      throw new Error(`${contestant} hung in ${row.name} for ${DEADLINE_MS / 1000} s`, {
        cause: error,
      })
    }
    throw new Error(`${contestant} failed in ${row.name}`, { cause: error })
  } finally {
    clearTimeout(timer)
    await rm(folder, { recursive: true, force: true })
  }
}

/** The count that makes a trial take `seconds`. */
export async function calibrate(contestant: string, row: Row, seconds: number): Promise<number> {
  const scaled = ({ count, seconds: taken }: Trial): number =>
    Math.max(10, Math.round((count * seconds) / taken))
  const first = await runTrial(contestant, row, row.guess)
  if (first.seconds > seconds / 8) return scaled(first)
  // Too short to judge by: once more, nearer to the length that is wanted.
  return scaled(await runTrial(contestant, row, Math.ceil(scaled(first) / 2)))
}

async function nodeTrial(job: Job, signal: AbortSignal, contestant: string): Promise<Trial> {
  const order = [contestant, JSON.stringify(job)]
  const server = new Worker(['server', ...order], signal)
  const client = new Worker(['client', ...order], signal)
  try {
    await server.listening
    client.go()
    const [served, driven] = await Promise.all([server.findings, client.findings])
    const { seconds, p50, p99 } = job.work === 'one-way' ? served : driven
    if (seconds === undefined) throw new Error('nobody kept the time')
    const trial: Trial = {
      count: job.count,
      seconds,
      cpuSeconds: served.cpuSeconds + driven.cpuSeconds,
    }
    if (p50 !== undefined && p99 !== undefined) Object.assign(trial, { p50, p99 })
    return trial
  } finally {
    await Promise.all([server.end(), client.end()])
  }
}

/** One of a trial's two processes. */
class Worker {
  readonly listening: Promise<void>
  readonly findings: Promise<Findings>
  readonly #child: ChildProcess
  readonly #ended: Promise<void>

  constructor(args: string[], signal: AbortSignal) {
    const child = fork(WORKER, args, { signal, killSignal: 'SIGKILL' })
    this.#child = child
    this.#ended = new Promise((resolve) => {
      child.once('close', () => resolve())
      child.once('error', () => resolve())
    })
    const failed = new Promise<never>((_, reject) => {
      child.once('error', reject)
      child.once('close', (code) => reject(new Error(`the ${args[0]} ended with code ${code}`)))
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
    const listening = told((report) => ('listening' in report ? true : undefined))
    this.listening = listening.then(() => {})
    this.listening.catch(() => {})
    this.findings = told((report) => ('findings' in report ? report.findings : undefined))
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
