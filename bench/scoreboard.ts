// What is measured, who takes part, and what must be reached.

import { descriptorLimit } from './descriptors.js'
import type { Row } from './rows.js'

/** Peers that have messages of their own, or `net` of their own. */
const PACKAGES = [
  'zeromq.js',
  'node-ipc',
  'node-unix-socket',
  'fork IPC json',
  'fork IPC advanced',
  'MessagePort',
]
const RUNTIMES = ['Bun net', 'Deno net']
const RUNTIMES_FRAMED = ['Bun net framed', 'Deno net framed']

const KIB = 1024
const MIB = 1024 * 1024

/** What a round trip with time to think takes, in milliseconds, for choosing a count. */
const THINKING_ROUND_TRIP_MS = 1.2

const ROUND_TRIP = { work: 'round-trip', size: 64, guess: 1_000, reference: 'net' } as const
const ONE_WAY = { work: 'one-way', reference: 'net' } as const
const FRAMED = { work: 'one-way', reference: 'net framed' } as const
const MANY = { size: 64, reference: 'net' } as const

/** Idle connections, if this process may open as many, with some descriptors to spare. */
const IDLE = Math.min(10_000, descriptorLimit() - 200)

export const ROWS: Row[] = [
  {
    ...ROUND_TRIP,
    name: 'round-trip-64-busy',
    title: '64 B round trip, busy-polling',
    contestants: [
      'net',
      'local-socket readInto adaptive',
      'local-socket onBatch adaptive',
      'local-socket messages adaptive',
      'net framed',
      'native spin',
    ],
    goals: {
      'local-socket readInto adaptive': [{ times: 10 }, { than: 'native spin', times: 1 / 1.6 }],
      'local-socket onBatch adaptive': [{ times: 10 }, { than: 'native spin', times: 1 / 1.6 }],
    },
  },
  {
    ...ROUND_TRIP,
    name: 'round-trip-64',
    title: '64 B round trip',
    contestants: [
      'net',
      'local-socket read',
      'local-socket readInto',
      'local-socket onBatch',
      'local-socket messages',
      'net onread',
      'native',
      ...PACKAGES,
      ...RUNTIMES,
    ],
    goals: {
      'local-socket read': [{ times: 1.1 }],
      'local-socket readInto': [{ times: 1.1 }],
      'local-socket onBatch': [{ times: 1.1 }],
    },
  },
  {
    ...ROUND_TRIP,
    name: 'round-trip-64-think',
    title: '64 B round trip, 1 ms of think time',
    thinkMs: 1,
    count: (seconds) => Math.ceil((seconds * 1000) / THINKING_ROUND_TRIP_MS),
    contestants: [
      'net',
      'local-socket readInto awake',
      'local-socket readInto adaptive',
      'local-socket onBatch adaptive',
      'local-socket readInto',
      'native',
    ],
    goals: {
      'local-socket readInto awake': [{ times: 2 }],
      'local-socket readInto adaptive': [{ times: 2 }],
      'local-socket onBatch adaptive': [{ times: 2 }],
    },
  },
  {
    ...ROUND_TRIP,
    name: 'round-trip-64-hog',
    title: '64 B round trip, a core hogged',
    hog: true,
    contestants: ['net', 'local-socket readInto adaptive', 'local-socket readInto', 'native'],
    goals: {
      'local-socket readInto adaptive': [{ times: 1.2 }],
      'local-socket readInto': [{ times: 1.2 }],
    },
  },
  {
    ...FRAMED,
    name: 'messages-64',
    title: '64 B messages one way',
    size: 64,
    guess: 20_000,
    contestants: [
      'net framed',
      'local-socket batches',
      'local-socket onBatch',
      'local-socket batches copy',
      'local-socket messages',
      'net framed cork',
      'net framed gather',
      'net framed onread',
      'native framed',
      ...PACKAGES,
      ...RUNTIMES_FRAMED,
    ],
    goals: {
      'local-socket batches': [{ times: 35 }, { than: 'net framed cork', times: 5 }],
      'local-socket onBatch': [{ times: 35 }, { than: 'net framed cork', times: 5 }],
      'local-socket batches copy': [{ times: 15 }],
    },
  },
  {
    ...FRAMED,
    name: 'messages-1k',
    title: '1 KiB messages one way',
    size: KIB,
    guess: 20_000,
    contestants: [
      'net framed',
      'local-socket batches',
      'local-socket onBatch',
      'local-socket batches copy',
      'net framed cork',
      'net framed gather',
      'native framed',
      ...PACKAGES,
      ...RUNTIMES_FRAMED,
    ],
    goals: {
      'local-socket batches': [{ times: 8 }],
      'local-socket onBatch': [{ times: 8 }],
    },
  },
  {
    ...FRAMED,
    name: 'messages-64k',
    title: '64 KiB messages one way',
    size: 64 * KIB,
    guess: 1_000,
    contestants: [
      'net framed',
      'local-socket batches',
      'local-socket batches copy',
      'net framed onread',
      'native framed',
      ...PACKAGES,
      ...RUNTIMES_FRAMED,
    ],
    goals: {
      'local-socket batches': [
        { times: 3.5 },
        { than: 'native framed', times: 1 },
        { of: 'receiver CPU', times: 0.55 },
      ],
    },
  },
  {
    ...ONE_WAY,
    name: 'bytes-64k',
    title: '64 KiB one way, raw',
    size: 64 * KIB,
    guess: 2_000,
    contestants: [
      'net',
      'local-socket read',
      'local-socket readInto',
      'net cork',
      'net onread',
      'native',
      ...RUNTIMES,
    ],
    goals: {
      'local-socket read': [{ times: 1.4 }],
      'local-socket readInto': [
        { times: 1.4 },
        { than: 'net onread', times: 1.15 },
        { than: 'native', times: 1 },
        { of: 'receiver CPU', times: 0.55 },
      ],
    },
  },
  {
    ...ONE_WAY,
    name: 'bytes-1m',
    title: '1 MiB one way',
    size: MIB,
    guess: 150,
    // One message fills a cork.
    contestants: [
      'net',
      'local-socket read',
      'local-socket readInto',
      'local-socket batches',
      'net onread',
      'native',
      ...RUNTIMES,
    ],
    goals: {
      'local-socket read': [{ times: 1.9 }],
      'local-socket readInto': [{ times: 1.9 }, { than: 'native', times: 1 }],
      'local-socket batches': [{ times: 1.9 }],
    },
  },
  {
    ...ROUND_TRIP,
    name: 'echo-64k',
    title: '64 KiB echo',
    size: 64 * KIB,
    guess: 500,
    contestants: [
      'net',
      'local-socket read',
      'local-socket readInto',
      'local-socket readInto adaptive',
      'local-socket batches',
      'local-socket batches adaptive',
      'net onread',
      'native',
      ...RUNTIMES,
    ],
    goals: {
      'local-socket readInto': [{ times: 3 }],
      'local-socket readInto adaptive': [{ times: 3 }],
      'local-socket batches': [{ times: 3 }],
      'local-socket batches adaptive': [{ times: 3 }],
    },
  },
  {
    ...MANY,
    name: 'connections',
    title: 'connections accepted and closed',
    work: 'connect',
    guess: 500,
    contestants: ['net', 'local-socket read', ...RUNTIMES],
    goals: { 'local-socket read': [{ times: 2 }] },
  },
  {
    ...MANY,
    name: 'idle-10k',
    title: `${IDLE.toLocaleString('en')} idle connections: memory each`,
    work: 'idle',
    guess: IDLE,
    count: (seconds) => (seconds < 0.2 ? Math.min(1_000, IDLE) : IDLE),
    warmUp: 100,
    rounds: 3,
    contestants: ['net', 'local-socket read', 'local-socket read then', ...RUNTIMES],
    goals: {
      'local-socket read': [{ of: 'memory', times: 0.5 }],
      'local-socket read then': [{ of: 'memory', times: 0.5 }],
    },
  },
  {
    ...MANY,
    name: 'active-1000',
    title: '64 B round trips over 1,000 connections',
    work: 'active',
    connections: 1_000,
    guess: 5_000,
    contestants: ['net', 'local-socket readInto', 'local-socket readInto adaptive', ...RUNTIMES],
    goals: {},
  },
  {
    ...MANY,
    name: 'active-1',
    title: '64 B round trips over 1 connection',
    work: 'active',
    connections: 1,
    guess: 1_000,
    contestants: ['net', 'local-socket readInto', 'local-socket readInto adaptive'],
    goals: {},
  },
]
