import { existsSync } from 'node:fs'
import { join } from 'node:path'

import test from 'ava'

import { address, echoes } from '../helpers/echo.js'
import { peerTest, ROOT } from '../helpers/peers.js'
import { start } from '../helpers/process.js'

const EXAMPLE = join(ROOT, 'build/examples/activated.js')

const SIZE = 100_000

peerTest(
  'systemd-socket-activate',
  'the first client starts a server, which serves it under each of its names',
  async (t, activator) => {
    const path = address(t, 'path')
    const abstract = address(t, 'abstract')
    const sockets = ['-l', path.shown, '-l', abstract.shown, '--fdname=main:control']
    const passedOn = ['-E', 'PATH', '-E', 'LOCAL_SOCKET_WAKE']
    const server = start(t, activator, [...sockets, ...passedOn, process.execPath, EXAMPLE])
    for (const { name } of [path, abstract, path, abstract]) {
      // It is started in the process that opened the sockets.
      t.is((await echoes(t, name, SIZE)).peer.pid, server.pid)
    }
    const lines = [await server.line('a socket'), await server.line('the other socket')]
    t.deepEqual(lines.toSorted(), [
      `control: listening on ${abstract.shown}`,
      `main: listening on ${path.shown}`,
    ])
    server.kill('SIGTERM')
    t.deepEqual(await server.exit(), { code: 0, signal: null })
    t.true(existsSync(path.shown), 'the file is the unit’s')
  },
)

test('the same program serves without a service manager, too', async (t) => {
  const { name, shown } = address(t, 'path')
  const server = start(t, process.execPath, [EXAMPLE, name])
  t.is(await server.line('where it listens'), `itself: listening on ${shown}`)
  await echoes(t, name, SIZE)
  server.kill('SIGTERM')
  t.deepEqual(await server.exit(), { code: 0, signal: null })
  t.false(existsSync(shown))
})
