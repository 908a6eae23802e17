import { once } from 'node:events'
import { connect as netConnect } from 'node:net'

import { connect } from 'local-socket'

const MESSAGE_BYTES = 64
const WARM_UP = 1_000
const ROUND_TRIPS = 2_000

/** How long the server may stand still before the demo gives up. */
const PATIENCE_MS = 30_000

/** Median microseconds that a 64-byte message needs to the echo service and back. */
export interface RoundTrips {
  localSocket: number
  net: number
  count: number
}

/** Times both in turns, A B B A, so that a machine that speeds up or slows down favours neither. */
export async function compareRoundTrips(name: string, path: string): Promise<RoundTrips> {
  const localSocket: number[] = []
  const net: number[] = []
  await overLocalSocket(name, localSocket)
  await overNet(path, net)
  await overNet(path, net)
  await overLocalSocket(name, localSocket)
  return { localSocket: median(localSocket), net: median(net), count: net.length }
}

async function overLocalSocket(name: string, times: number[]): Promise<void> {
  const stream = await connect(name, { timeout: PATIENCE_MS })
  try {
    const message = new Uint8Array(MESSAGE_BYTES)
    for (let i = -WARM_UP; i < ROUND_TRIPS; i++) {
      const start = performance.now()
      await stream.write(message)
      await stream.readExact(MESSAGE_BYTES)
      if (i >= 0) times.push(performance.now() - start)
    }
  } finally {
    stream.destroy()
  }
}

async function overNet(path: string, times: number[]): Promise<void> {
  const socket = netConnect(path)
  try {
    await once(socket, 'connect')
    const message = new Uint8Array(MESSAGE_BYTES)
    await new Promise<void>((resolve, reject) => {
      let i = -WARM_UP
      let arrived = 0
      let start = 0
      const next = (): void => {
        start = performance.now()
        socket.write(message)
      }
      socket.on('error', reject)
      socket.on('close', () => reject(new Error('the connection closed')))
      socket.setTimeout(PATIENCE_MS, () => reject(new Error('the echo service stands still')))
      socket.on('data', (chunk) => {
        arrived += chunk.length
        if (arrived < MESSAGE_BYTES) return
        arrived = 0
        if (i >= 0) times.push(performance.now() - start)
        if (++i < ROUND_TRIPS) next()
        else resolve()
      })
      next()
    })
  } finally {
    socket.destroy()
  }
}

function median(times: number[]): number {
  times.sort((a, b) => a - b)
  return 1000 * (times[times.length >> 1] ?? NaN)
}
