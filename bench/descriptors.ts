import { readFileSync } from 'node:fs'

/** What a system without /proc is trusted to allow. */
const UNKNOWN = 1_000

/** How many descriptors a process may have. Node raises its soft limit to the hard one itself. */
export function descriptorLimit(): number {
  try {
    const limits = readFileSync('/proc/self/limits', 'latin1')
    const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(limits)?.[1]
    return hard === 'unlimited' ? Infinity : Number(hard ?? UNKNOWN)
  } catch {
    return UNKNOWN
  }
}
