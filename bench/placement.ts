import { readFileSync } from 'node:fs'

/** Where the two processes of a trial run. */
export const PLACEMENTS = ['free', 'two-cores', 'one-core'] as const
export type Placement = (typeof PLACEMENTS)[number]

/** A trial's roles. */
export type Role = 'server' | 'client'

/**
 * What to put before a command so that its process runs where the placement says: `taskset` of
 * util-linux, which replaces itself by the program and so keeps the process. Linux only.
 */
export function placed(placement: Placement, role: Role): string[] {
  if (placement === 'free') return []
  const [first, second] = allowedCores()
  if (first === undefined) throw new Error(`--placement ${placement} needs Linux`)
  if (placement === 'one-core' || role === 'server') return ['taskset', '-c', String(first)]
  if (second === undefined) throw new Error('--placement two-cores needs two cores')
  return ['taskset', '-c', String(second)]
}

/** The cores that this process may run on; none where there is no /proc. */
function allowedCores(): number[] {
  let status = ''
  try {
    status = readFileSync('/proc/self/status', 'latin1')
  } catch {
    return []
  }
  const list = /^Cpus_allowed_list:\s*(.*)$/m.exec(status)?.[1] ?? ''
  return list.split(',').flatMap((range) => {
    const [from = NaN, to = from] = range.split('-').map(Number)
    return Array.from({ length: to - from + 1 }, (_, i) => from + i)
  })
}
