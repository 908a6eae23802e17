import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

import type { Job, Trial } from '../job.js'

const PROGRAM = fileURLToPath(
  new URL('../../../target/release/examples/bench_peer', import.meta.url),
)

/** What the client prints. */
interface Summary {
  count: number
  seconds: number
  cpuSeconds: number
  p50us?: number
  p99us?: number
}

/** True when the Rust example `bench_peer` was built. */
export function nativeIsBuilt(): boolean {
  return existsSync(PROGRAM)
}

/** A trial between two Rust programs on plain sockets, which need no warm-up. */
export async function nativeTrial(job: Job, signal: AbortSignal): Promise<Trial> {
  const { path, work, count } = job
  const size = String(job.size)
  const serving = work === 'one-way' ? ['sink', path] : ['echo', path, size]
  const server = spawn(PROGRAM, serving, { stdio: ['pipe', 'pipe', 'inherit'], signal })
  const failed = failure(server)
  try {
    await Promise.race([once(createInterface({ input: server.stdout }), 'line'), failed])
    const cpuBefore = cpuSecondsOf(server)
    const driving = [work === 'one-way' ? 'flood' : 'ping', path, size, String(count)]
    const client = spawn(PROGRAM, driving, { stdio: ['ignore', 'pipe', 'inherit'], signal })
    const [printed] = await Promise.all([text(client.stdout), once(client, 'close')])
    if (client.exitCode !== 0) throw new Error(`bench_peer ${driving.join(' ')} failed`)
    const summary = JSON.parse(printed) as Summary
    if (summary.count !== count) throw new Error(`bench_peer sent ${summary.count} of ${count}`)
    const cpuSeconds = summary.cpuSeconds + cpuSecondsOf(server) - cpuBefore
    const trial: Trial = { count, seconds: summary.seconds, cpuSeconds }
    if (summary.p50us !== undefined) trial.p50 = summary.p50us
    if (summary.p99us !== undefined) trial.p99 = summary.p99us
    return trial
  } finally {
    const closed = once(server, 'close')
    server.stdin.end()
    await closed
  }
}

function failure(server: ChildProcess): Promise<never> {
  const failed = new Promise<never>((_, reject) => {
    server.once('error', reject)
    server.once('exit', (code) => reject(new Error(`bench_peer ended with code ${code}`)))
  })
  failed.catch(() => {})
  return failed
}

/** What the scheduler has counted for all threads of a process; NaN where there is no /proc. */
function cpuSecondsOf({ pid }: ChildProcess): number {
  try {
    const threads = readdirSync(`/proc/${pid}/task`)
    const nanoseconds = threads.map((thread) =>
      Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'latin1').split(' ')[0]),
    )
    return nanoseconds.reduce((sum, time) => sum + time, 0) / 1e9
  } catch {
    return NaN
  }
}
