import { join } from 'node:path'

import test, { type ExecutionContext } from 'ava'
import { listen } from 'local-socket'

import { run } from '../helpers/binary.js'
import { bytes, sha256 } from '../helpers/checksum.js'
import { address, echoes, echoOnce, exchanges, FOREIGN } from '../helpers/echo.js'
import { connected } from '../helpers/pair.js'
import { peerTest, ROOT } from '../helpers/peers.js'
import { windows } from '../helpers/platform.js'
import { programFile, start } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const SIZE = 3_000_001
const KINDS = ['path', 'abstract'] as const
const PYTHON_PEER = join(ROOT, '__test__/programs/socket_peer.py')

test("a client of this Node's net talks to our listener by path", (t) =>
  netClient(t, process.execPath, 'path'))
test("our client talks to a server of this Node's net by path", (t) =>
  netServer(t, process.execPath, 'path'))

for (const kind of KINDS) {
  peerTest(
    'newer-node',
    `a client of a newer Node's net talks to our listener by ${kind} name`,
    (t, node) => netClient(t, node, kind),
  )
  peerTest(
    'newer-node',
    `our client talks to a server of a newer Node's net by ${kind} name`,
    (t, node) => netServer(t, node, kind),
  )

  peerTest('socat', `socat connects to our listener by ${kind} name`, async (t, socat) => {
    const { name } = address(t, kind)
    const echoed = await echoOnce(t, name)
    const payload = bytes(SIZE, 2)
    const type = kind === 'path' ? 'UNIX-CONNECT' : 'ABSTRACT-CONNECT'
    // -t: how long socat waits for our answer after its own end of file.
    const { code, stdout, stderr } = await run(
      t,
      socat,
      ['-t', '30', '-', `${type}:${name}`],
      payload,
    )
    t.is(code, 0, stderr)
    t.is(await echoed(), SIZE)
    t.is(sha256(stdout), sha256(payload))
  })

  peerTest(
    'socat',
    `our client connects to a listening socat by ${kind} name`,
    async (t, socat) => {
      const { name } = address(t, kind)
      const type = kind === 'path' ? 'UNIX-LISTEN' : 'ABSTRACT-LISTEN'
      start(t, socat, ['-t', '30', `${type}:${name}`, 'EXEC:cat'])
      await echoes(t, name, SIZE)
    },
  )

  peerTest(
    'python3',
    `Python's socket module connects to our listener by ${kind} name`,
    async (t, python) => {
      const { name, shown } = address(t, kind)
      const echoed = await echoOnce(t, name)
      const payload = bytes(SIZE, 2)
      const { code, stdout, stderr } = await run(
        t,
        python,
        [PYTHON_PEER, 'connect', shown],
        payload,
      )
      t.is(code, 0, stderr)
      t.is(await echoed(), SIZE)
      t.is(sha256(stdout), sha256(payload))
    },
  )

  peerTest(
    'python3',
    `our client connects to a server of Python's socket module by ${kind} name`,
    async (t, python) => {
      const { name, shown } = address(t, kind)
      const server = start(t, python, [PYTHON_PEER, 'serve', shown])
      t.is(await server.line('listening'), 'listening')
      await echoes(t, name, SIZE)
    },
  )

  peerTest(
    'interprocess_peer',
    `a client of Rust's interprocess talks to our listener by ${kind} name`,
    async (t, peer) => {
      const { name } = address(t, kind)
      const listener = await listen(name)
      t.teardown(() => listener.close())
      const serve = async (): Promise<void> => {
        const stream = await listener.accept()
        const head = await stream.readExact(4)
        const length = new DataView(head.buffer, head.byteOffset).getUint32(0)
        await stream.write(await stream.readExact(length))
        await stream.close()
      }
      const served = serve()
      const payload = bytes(SIZE, 2)
      const flag = kind === 'path' ? 'path' : 'ns'
      const { code, stdout, stderr } = await run(t, peer, ['connect', flag, name], payload)
      t.is(code, 0, stderr)
      await within(served, PATIENCE_MS, 'the echo to end')
      t.is(sha256(stdout), sha256(payload))
    },
  )

  peerTest(
    'interprocess_peer',
    `our client talks to a server of Rust's interprocess by ${kind} name`,
    async (t, peer) => {
      const { name } = address(t, kind)
      const server = start(t, peer, ['serve', kind === 'path' ? 'path' : 'ns', name])
      t.is(await server.line('ready'), 'ready')
      const stream = await connected(t, name, FOREIGN)
      for (const size of [0, 1, 65_537, SIZE]) {
        const payload = bytes(size, size)
        const head = new Uint8Array(4)
        new DataView(head.buffer).setUint32(0, size)
        const sent = Promise.all([stream.write(head), stream.write(payload)])
        const echo = await within(stream.readExact(size), 3 * PATIENCE_MS, `the echo of ${size}`)
        await sent
        t.is(sha256(echo), sha256(payload))
      }
    },
  )

  peerTest(
    'demo_server',
    `the native demo server sums and echoes by ${kind} name`,
    async (t, program) => {
      const name = address(t, 'abstract').name
      const path = address(t, 'path').name
      const server = start(t, program, ['--name', name, '--path', path])
      t.is(await server.line('ready'), `ready ${server.pid}`)
      const base = kind === 'path' ? path : name

      const payload = bytes(8_388_608, 4)
      const digest = await connected(t, `${base}.digest`, FOREIGN)
      t.is(digest.peer.pid, server.pid)
      await within(digest.write(payload), PATIENCE_MS, 'room for 8 MiB')
      await digest.end()
      const answer = await within(digest.readExact(65), PATIENCE_MS, 'the digest')
      t.is(Buffer.from(answer).toString(), `${sha256(payload)}\n`)
      t.is(await digest.read(), null)

      const echo = await echoes(t, `${base}.echo`, SIZE)
      t.is(echo.peer.pid, server.pid)
    },
  )
}

async function netClient(
  t: ExecutionContext,
  node: string,
  kind: 'path' | 'abstract',
): Promise<void> {
  const { name, shown } = address(t, kind)
  const echoed = await echoOnce(t, name)
  const role = windows ? 'exchange' : 'connect'
  const client = start(t, node, [programFile('net-peer'), role, shown, String(SIZE)])
  const sums = await client.message<{ sent: string; received: string }>('what it received')
  t.is(sums.received, sums.sent)
  t.is(await echoed(), SIZE)
  t.deepEqual(await client.exit(), { code: 0, signal: null })
}

async function netServer(
  t: ExecutionContext,
  node: string,
  kind: 'path' | 'abstract',
): Promise<void> {
  const { name, shown } = address(t, kind)
  const server = start(t, node, [programFile('net-peer'), 'serve', shown])
  t.deepEqual(JSON.parse(await server.line('listening')), { listening: shown })
  await (windows ? exchanges : echoes)(t, name, SIZE)
}
