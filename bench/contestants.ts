import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import type { Contestant, Couple } from './job.js'
import { installed, runtime, type Runtime } from './peers.js'

/** One way to do a job. */
export interface Entry {
  /** Whose way it is. */
  kind: 'ours' | 'net' | 'native' | 'peer'
  /** True if what is carried are messages: it is compared with `net` that frames them. */
  framed?: true
  /** What plays it; the Rust example `bench_peer` is played by other means. */
  load?: () => Promise<Contestant>
  /** What plays it where the work is many connections. */
  many?: () => Promise<Contestant>
  /** What plays it where the server starts the client itself. */
  couple?: () => Promise<Couple>
  /** True if the two are threads of one process, which has one clock for their CPU time. */
  sameProcess?: true
  /** The other runtime that both processes run in. */
  runtime?: Runtime
  /** The package of `bench/peers` that it takes. */
  needs?: string
}

/** The native pair, built by `npm run build:examples`. */
export const BENCH_PEER: string = fileURLToPath(
  new URL('../../target/release/examples/bench_peer', import.meta.url),
)

const net = {
  raw: () => import('./contestants/net.js'),
  framed: () => import('./contestants/net-framed.js'),
  many: () => import('./contestants/net-many.js'),
}
const ours = {
  raw: () => import('./contestants/local-socket.js'),
  framed: () => import('./contestants/local-socket-framed.js'),
  many: () => import('./contestants/local-socket-many.js'),
}

/** Every contestant, by the name that tables and options know it by. */
export const CONTESTANTS: Record<string, Entry> = {
  net: {
    kind: 'net',
    load: async () => (await net.raw()).net,
    many: async () => (await net.many()).netMany,
  },
  'net cork': { kind: 'net', load: async () => (await net.raw()).netCork },
  'net onread': { kind: 'net', load: async () => (await net.raw()).netOnread },
  'net framed': { kind: 'net', framed: true, load: async () => (await net.framed()).plain },
  'net framed cork': { kind: 'net', framed: true, load: async () => (await net.framed()).cork },
  'net framed onread': { kind: 'net', framed: true, load: async () => (await net.framed()).onread },
  'net framed gather': { kind: 'net', framed: true, load: async () => (await net.framed()).gather },

  'local-socket read': {
    kind: 'ours',
    load: async () => (await ours.raw()).read,
    many: async () => (await ours.many()).many,
  },
  'local-socket readInto': {
    kind: 'ours',
    load: async () => (await ours.raw()).readInto,
    many: async () => (await ours.many()).many,
  },
  'local-socket readInto adaptive': {
    kind: 'ours',
    load: async () => (await ours.raw()).readIntoAdaptive,
    many: async () => (await ours.many()).manyAdaptive,
  },
  'local-socket readInto awake': {
    kind: 'ours',
    load: async () => (await ours.raw()).readIntoAwake,
  },
  'local-socket read then': { kind: 'ours', many: async () => (await ours.many()).byThen },
  'local-socket batches': {
    kind: 'ours',
    framed: true,
    load: async () => (await ours.framed()).batches,
  },
  'local-socket batches adaptive': {
    kind: 'ours',
    framed: true,
    load: async () => (await ours.framed()).batchesAdaptive,
  },
  'local-socket onBatch': {
    kind: 'ours',
    framed: true,
    load: async () => (await ours.framed()).onBatch,
  },
  'local-socket onBatch adaptive': {
    kind: 'ours',
    framed: true,
    load: async () => (await ours.framed()).onBatchAdaptive,
  },
  'local-socket batches copy': {
    kind: 'ours',
    framed: true,
    load: async () => (await ours.framed()).batchesCopy,
  },
  'local-socket messages': {
    kind: 'ours',
    framed: true,
    load: async () => (await ours.framed()).messages,
  },
  'local-socket messages adaptive': {
    kind: 'ours',
    framed: true,
    load: async () => (await ours.framed()).messagesAdaptive,
  },

  native: { kind: 'native' },
  'native spin': { kind: 'native' },
  'native framed': { kind: 'native', framed: true },

  'zeromq.js': {
    kind: 'peer',
    framed: true,
    needs: 'zeromq',
    load: async () => (await import('./contestants/zeromq.js')).zeromq,
  },
  'node-ipc': {
    kind: 'peer',
    framed: true,
    needs: 'node-ipc',
    load: async () => (await import('./contestants/node-ipc.js')).nodeIpc,
  },
  'node-unix-socket': {
    kind: 'peer',
    framed: true,
    needs: 'node-unix-socket',
    load: async () => (await import('./contestants/node-unix-socket.js')).nodeUnixSocket,
  },
  'fork IPC json': {
    kind: 'peer',
    framed: true,
    couple: async () => (await import('./contestants/fork-ipc.js')).forkJson,
  },
  'fork IPC advanced': {
    kind: 'peer',
    framed: true,
    couple: async () => (await import('./contestants/fork-ipc.js')).forkAdvanced,
  },
  MessagePort: {
    kind: 'peer',
    framed: true,
    sameProcess: true,
    couple: async () => (await import('./contestants/message-port.js')).messagePort,
  },
  ...inRuntime('Bun', 'bun'),
  ...inRuntime('Deno', 'deno'),
}

/** The contestants of `net` as another runtime makes them. */
function inRuntime(title: string, name: Runtime): Record<string, Entry> {
  const entry = { kind: 'peer', runtime: name, needs: name } as const
  return {
    [`${title} net`]: {
      ...entry,
      load: async () => (await net.raw()).net,
      many: async () => (await net.many()).netMany,
    },
    [`${title} net framed`]: {
      ...entry,
      framed: true,
      load: async () => (await net.framed()).plain,
    },
  }
}

export function entryOf(name: string): Entry {
  const entry = CONTESTANTS[name]
  if (entry === undefined) throw new Error(`no contestant is named ${name}`)
  return entry
}

/** Why a contestant can't play here; undefined if it can. */
export function absence(name: string): string | undefined {
  const { kind, needs, runtime: other } = entryOf(name)
  if (kind === 'native' && !existsSync(BENCH_PEER)) return 'run npm run build:examples'
  if (other !== undefined) {
    return runtime(other) === undefined ? `${other} is not in bench/peers` : undefined
  }
  return needs !== undefined && !installed(needs) ? `${needs} is not in bench/peers` : undefined
}
