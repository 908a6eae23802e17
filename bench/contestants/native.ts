import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

import { BENCH_PEER } from '../contestants.js'
import type { Job, Trial } from '../job.js'
import { placed } from '../placement.js'
import type { Order } from '../process.js'

/** What the client prints. */
interface Summary {
  count: number
  seconds: number
  cpuSeconds: number
  p50us?: number
  p99us?: number
}

/** A trial between two Rust programs on plain sockets, which need no warm-up. */
export async function nativeTrial({ contestant, job, placement, signal }: Order): Promise<Trial> {
  const { serving, driving } = commands(contestant, job)
  const [program = BENCH_PEER, ...before] = [...placed(placement, 'server'), BENCH_PEER]
  const server = spawn(program, [...before, ...serving], {
    stdio: ['pipe', 'pipe', 'inherit'],
    signal,
  })
  const failed = failure(server)
  try {
    await Promise.race([once(createInterface({ input: server.stdout }), 'line'), failed])
    const cpuBefore = cpuSecondsOf(server)
    const summary = await drive([...placed(placement, 'client'), BENCH_PEER, ...driving], signal)
    const { count, seconds, cpuSeconds: client, p50us, p99us } = summary
    if (count !== job.count) throw new Error(`bench_peer sent ${count} of ${job.count}`)
    const cpu = cpuSecondsOf(server) - cpuBefore
    const trial: Trial = { count, seconds, cpuSeconds: client + cpu }
    // Here the client sends one way, and the server receives.
    trial.cpuOf = job.work === 'one-way' ? { server: client, client: cpu } : { server: cpu, client }
    if (p50us !== undefined) trial.p50 = p50us
    if (p99us !== undefined) trial.p99 = p99us
    return trial
  } finally {
    const closed = once(server, 'close')
    server.stdin.end()
    await closed
  }
}

function commands(
  contestant: string,
  { work, path, count, thinkMs, ...job }: Job,
): { serving: string[]; driving: string[] } {
  const size = String(job.size)
  if (work === 'one-way') {
    const framed = contestant === 'native framed' ? 'framed-' : ''
    return {
      serving: [`${framed}sink`, path],
      driving: [`${framed}flood`, path, size, String(count)],
    }
  }
  const spin = contestant === 'native spin' ? ['--spin'] : []
  const think = thinkMs === undefined ? [] : ['--think', String(thinkMs * 1000)]
  return {
    serving: ['echo', path, size, ...spin],
    driving: ['ping', path, size, String(count), ...spin, ...think],
  }
}

async function drive([program = '', ...args]: string[], signal: AbortSignal): Promise<Summary> {
  const client = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'], signal })
  const [printed] = await Promise.all([text(client.stdout), once(client, 'close')])
  if (client.exitCode !== 0) throw new Error(`bench_peer ${args.join(' ')} failed`)
  return JSON.parse(printed) as Summary
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
