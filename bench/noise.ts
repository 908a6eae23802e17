import { readFileSync } from 'node:fs'

/** Ticks of the machine's processors since it started, all of them together. */
interface Ticks {
  all: number
  busy: number
  stolen: number
  /** Of this process and of its children that have ended. */
  ours: number
}

/** What others took of the machine's time. */
export interface Noise {
  /** Share that other processes took, 0 to 1. */
  others: number
  /** Share that the hypervisor withheld, 0 to 1. */
  stolen: number
}

/** A round in which others took more than this share of the machine is played again. */
export const NOISE_LIMIT = 0.04

/** Starts to listen; the function it gives tells what was heard since. Only Linux tells. */
export function listenForNoise(): () => Noise | undefined {
  const before = read()
  return () => {
    const after = read()
    if (before === undefined || after === undefined) return undefined
    const all = Math.max(1, after.all - before.all)
    const others = after.busy - before.busy - (after.ours - before.ours)
    return {
      others: Math.max(0, others / all),
      stolen: Math.max(0, (after.stolen - before.stolen) / all),
    }
  }
}

/** True when a round can't be trusted. */
export function tooLoud(noise: Noise | undefined): boolean {
  return noise !== undefined && noise.others + noise.stolen > NOISE_LIMIT
}

function read(): Ticks | undefined {
  try {
    const fields = /^cpu +(.*)$/m.exec(readFileSync('/proc/stat', 'latin1'))?.[1] ?? ''
    // proc_stat(5): user nice system idle iowait irq softirq steal; guest time is in user already.
    const [user = 0, nice = 0, system = 0, idle = 0, iowait = 0, irq = 0, softirq = 0, stolen = 0] =
      fields.split(' ').map(Number)
    const busy = user + nice + system + irq + softirq
    // proc_pid_stat(5): after the name in parentheses, utime is the 12th field, then stime, cutime
    // and cstime, in the same ticks.
    const self = readFileSync('/proc/self/stat', 'latin1')
    const times = self
      .slice(self.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 15)
    const ours = times.reduce((sum, time) => sum + Number(time), 0)
    return { all: busy + idle + iowait + stolen, busy, stolen, ours }
  } catch {
    return undefined
  }
}
