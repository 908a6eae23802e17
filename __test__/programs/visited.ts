// A main thread that never loads the package, and workers that do: visited.js <rounds> <prefix>
// Each round starts one worker per way to end, talks to them by `net` at paths that begin with the
// prefix, and waits until all have ended with their I/O under way; only then it reads what they
// have left. Says {exits} at the end: how many workers ended with which code.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'

import { say } from '../helpers/say.js'
import { GREETING, WAYS, type Visit, type Way } from './visit.js'

const [rounds, prefix] = process.argv.slice(2) as [string, string]
const path = `${prefix}-main`

/** The ends here of the workers' streams. */
const left: Socket[] = []

async function main(): Promise<void> {
  const server = createServer(greet).listen(path)
  await once(server, 'listening')
  const exits: Record<string, number> = {}
  for (let round = 0; round < Number(rounds); round += 1) {
    const codes = await Promise.all(WAYS.map((way) => visit(way, `${prefix}-${round}-${way}`)))
    for (const code of codes) exits[code] = (exits[code] ?? 0) + 1
    await Promise.all(left.splice(0).map(readToTheEnd))
  }
  server.close()
  say({ exits })
}

/** One worker from start to end; gives its exit code. */
async function visit(way: Way, own: string): Promise<number> {
  const workerData: Visit = { way, path, own }
  const worker = new Worker(fileURLToPath(new URL('visitor.js', import.meta.url)), { workerData })
  const exit = once(worker, 'exit') as Promise<[number]>
  await Promise.race([once(worker, 'message'), exit])
  greet(connect(own))
  await Promise.race([once(worker, 'message'), exit])
  if (way === 'terminate') await worker.terminate()
  return (await exit)[0]
}

/** Exchanges a greeting, and reads no further for now. */
function greet(socket: Socket): void {
  left.push(socket)
  // Whoever is terminated may leave a connection reset.
  socket.on('error', () => undefined)
  socket.write(GREETING)
  socket.once('readable', () => socket.read(GREETING.length))
}

async function readToTheEnd(socket: Socket): Promise<void> {
  if (socket.destroyed) return
  const closed = once(socket, 'close')
  socket.resume()
  await closed
}

void main()
