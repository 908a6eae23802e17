import { chownSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import { connect, listen, type Stream } from 'local-socket'

import { run } from '../helpers/binary.js'
import { bytes, sha256 } from '../helpers/checksum.js'
import { echoOnce } from '../helpers/echo.js'
import { uniqueFolder, uniquePath } from '../helpers/names.js'
import { findPeer, peerTest } from '../helpers/peers.js'
import { start } from '../helpers/process.js'
import { NOBODY } from '../helpers/users.js'
import { eventually, PATIENCE_MS, within } from '../helpers/within.js'

/** What databases need to start on a busy machine. */
const START_MS = 6 * PATIENCE_MS

const text = new TextDecoder()

peerTest('nc', 'nc -U sends to our listener, ends, and reads the answer', async (t, nc) => {
  const path = uniquePath(t)
  const echoed = await echoOnce(t, path)
  const payload = bytes(1_000_001, 3)
  const { code, stdout, stderr } = await run(t, nc, ['-U', '-N', path], payload)
  t.is(code, 0, stderr)
  t.is(await echoed(), payload.length)
  t.is(sha256(stdout), sha256(payload))
})

peerTest('nc', 'our client talks to nc -lU', async (t, nc) => {
  const path = uniquePath(t)
  const server = start(t, nc, ['-lU', path])
  const stream = await connect(path, { retry: true, timeout: PATIENCE_MS })
  await stream.write('from us\n')
  t.is(await server.line(), 'from us')
  server.stdin.end('from nc\n')
  t.is(text.decode(await stream.readExact(8, { timeout: PATIENCE_MS })), 'from nc\n')
  await stream.close()
})

peerTest(
  'redis-cli',
  'redis-cli reaches a redis-server through our listener and our client',
  async (t, cli) => {
    const behind = redisServer(t)
    const front = uniquePath(t)
    await forwarder(t, front, behind)
    const ask = async (...command: string[]) => {
      const { stdout, stderr } = await run(t, cli, ['-s', front, ...command])
      return text.decode(stdout).trim() + stderr
    }
    t.is(await ask('SET', 'greeting', 'hello'), 'OK')
    t.is(await ask('GET', 'greeting'), 'hello')
  },
)

peerTest(
  'psql',
  'psql reaches a PostgreSQL through our listener and our client',
  async (t, psql) => {
    const behind = await postgres(t)
    const folder = uniqueFolder(t)
    await forwarder(t, join(folder, '.s.PGSQL.5432'), behind)
    const query = "select 6 * 7, length(repeat('x', 1000000))"
    const url = `postgresql:///postgres?host=${folder}&user=tester`
    const options = ['--no-psqlrc', '--no-align', '--tuples-only', '--command', query]
    const { code, stdout, stderr } = await run(t, psql, [url, ...options])
    t.is(code, 0, stderr)
    t.is(text.decode(stdout).trim(), '42|1000000')
  },
)

/** Listens at `front` and hands on what clients and the server at `behind` say to each other. */
async function forwarder(t: ExecutionContext, front: string, behind: string): Promise<void> {
  const server = await connect(behind, { retry: true, timeout: START_MS })
  await server.close()
  const listener = await listen(front)
  const serving = (async () => {
    for await (const client of listener) await handOn(client, await connect(behind))
  })()
  t.teardown(async () => {
    await listener.close()
    await within(serving, PATIENCE_MS, 'the end of the forwarder')
  })
}

async function handOn(client: Stream, server: Stream): Promise<void> {
  // Whoever closes with bytes unread resets the other, which is how some clients leave.
  await Promise.allSettled([copy(client, server), copy(server, client)])
  await Promise.allSettled([client.close(), server.close()])
}

async function copy(from: Stream, to: Stream): Promise<void> {
  for await (const chunk of from) await to.write(chunk)
  await to.end()
}

function redisServer(t: ExecutionContext): string {
  const path = uniquePath(t, 'redis.sock')
  const options = ['--port', '0', '--unixsocket', path, '--save', '', '--appendonly', 'no']
  start(t, needed('redis-server'), options)
  return path
}

async function postgres(t: ExecutionContext): Promise<string> {
  const folder = uniqueFolder(t)
  const data = join(folder, 'data')
  mkdirSync(data, { mode: 0o700 })
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  if (user.uid !== undefined) for (const place of [folder, data]) chownSync(place, NOBODY, NOBODY)
  const cluster = ['-D', data, '--auth', 'trust', '--username', 'tester', '--no-sync']
  const made = start(t, needed('initdb'), cluster, { cwd: folder, ...user })
  t.is((await made.exit(START_MS)).code, 0, made.stderr)
  const options = ['-D', data, '-k', folder, '-c', 'listen_addresses=', '-c', 'fsync=off']
  const server = start(t, needed('postgres'), options, { cwd: folder, ...user })
  t.teardown(async () => {
    // At once, with its children; SIGKILL would leave these to notice it.
    server.kill('SIGQUIT')
    await server.exit()
  })
  const ready = 'database system is ready to accept connections'
  await eventually(() => server.stderr.includes(ready), START_MS, `${ready}: ${server.stderr}`)
  return join(folder, '.s.PGSQL.5432')
}

/** Whoever has the client has the server: both are in the packages that the suite asks for. */
function needed(peer: 'redis-server' | 'postgres' | 'initdb'): string {
  const program = findPeer(peer)
  if (program === undefined) throw new Error(`${peer} is required and was not found`)
  return program
}
