import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

import { GREETING, type Contestant, type Findings, type Job } from '../job.js'
import { Conversation, IdleServer, Storm } from '../many.js'
import { Marks, Meter } from '../meter.js'
import { openMany } from '../roles.js'

/** How long a client waits for room in a full backlog, in milliseconds. */
const FULL_MS = 1

/** Connects, accepts and closes as the documentation of `net` shows it. */
export const netMany: Contestant = {
  async serve(job, listening) {
    const server = createServer()
    const serving = serve(server, job)
    server.listen(job.path, listening)
    return await serving
  },
  async drive(job) {
    if (job.work === 'connect') return await storm(job)
    return job.work === 'idle' ? await wait(job) : await talk(job)
  },
}

function serve(server: Server, job: Job): Promise<Findings> {
  if (job.work === 'connect') return greet(server, job)
  return job.work === 'idle' ? hold(server, job) : echo(server, job)
}

async function greet(server: Server, job: Job): Promise<Findings> {
  const marks = new Marks(job, 1)
  let closed = 0
  await new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.end(GREETING)
      socket.resume()
      socket.once('close', () => {
        marks.reached(++closed)
        if (marks.done) resolve()
      })
    })
  })
  server.close()
  return marks.findings()
}

async function storm(job: Job): Promise<Findings> {
  const clocks = new Storm(job)
  await openMany(job.warmUp + job.count, async () => {
    const socket = await open(job)
    socket.on('data', (chunk) => clocks.greeted(chunk))
    await once(socket, 'close')
    if (socket.bytesRead !== GREETING.length) throw new Error('no greeting came')
    clocks.closed()
  })
  return clocks.findings()
}

/** Every connection is read from, as a server does; nothing comes. */
function hold(server: Server, job: Job): Promise<Findings> {
  const idle = new IdleServer(job)
  server.on('connection', (socket) => {
    idle.opened()
    socket.on('data', () => {
      throw new Error('an idle connection spoke')
    })
  })
  return idle.findings
}

/** Opens all, and waits until the server leaves. */
async function wait(job: Job): Promise<Findings> {
  const meter = new Meter()
  meter.start()
  const sockets = await openMany(job.warmUp + job.count, () => open(job))
  const findings = meter.stop()
  const [first] = sockets
  first?.resume()
  if (first !== undefined) await once(first, 'close')
  return findings
}

async function echo(server: Server, job: Job): Promise<Findings> {
  const marks = new Marks(job)
  let total = 0
  let closed = 0
  await new Promise<void>((resolve) => {
    server.on('connection', (socket) => {
      socket.on('data', (chunk) => {
        total += chunk.length
        marks.reached(total)
        if (!socket.write(chunk)) socket.pause()
      })
      socket.on('drain', () => socket.resume())
      socket.once('close', () => {
        if (++closed === job.connections) resolve()
      })
    })
  })
  server.close()
  return marks.findings()
}

async function talk(job: Job): Promise<Findings> {
  const all = new Conversation(job)
  const sockets = await openMany(job.connections ?? 1, () => open(job))
  await new Promise<void>((resolve) => {
    for (const socket of sockets) {
      const line = all.line()
      const send = (): void => {
        const message = line.next()
        if (message !== undefined) socket.write(message)
      }
      socket.on('data', (chunk) => {
        line.take(chunk, chunk.length)
        if (!line.waiting) send()
        if (all.complete) resolve()
      })
      send()
    }
  })
  for (const socket of sockets) socket.end()
  return all.findings()
}

/**
 * Connects, and tries again after a full backlog, which on Linux a client that doesn't block hears
 * of as EAGAIN: connect(2). It isn't waited for to be accepted.
 */
async function open(job: Job): Promise<Socket> {
  for (;;) {
    const socket = connect(job.path)
    try {
      await once(socket, 'connect')
      return socket
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      await sleep(FULL_MS)
    }
  }
}
