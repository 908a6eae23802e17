/** What `listen` does with the file of a name. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname, join } from 'node:path'

import test, { type ExecutionContext } from 'ava'
import { connect, listen } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { rejectsWith } from '../helpers/failures.js'
import { uniqueFolder, uniquePath } from '../helpers/names.js'
import { accepted, connected, listening } from '../helpers/pair.js'
import { programFile, start, startProgram, type Program } from '../helpers/process.js'
import { linuxTest } from '../helpers/tests.js'
import { asNobody, gotIn, publicPath, rootTest, type Visit } from '../helpers/users.js'
import { PATIENCE_MS, turns, within } from '../helpers/within.js'

/** Has a server listen there that is then killed. */
async function killedServer(t: ExecutionContext, name: string): Promise<void> {
  const server = startProgram(t, 'greeter', [name])
  await server.message('the server')
  server.kill('SIGKILL')
  await server.exit()
}

test("with stale: 'fail' the file of a killed server stays, and the error says what keeps it", async (t) => {
  const path = uniquePath(t)
  await killedServer(t, path)
  const { ino } = statSync(path)
  const error = await rejectsWith(t, 'EADDRINUSE', () => listen(path, { stale: 'fail' }), 'listen')
  t.true(error.message.includes("{ stale: 'reclaim' }"), error.message)
  t.is(statSync(path).ino, ino)
})

test('overwrite takes the name from a live listener, which keeps what it has accepted', async (t) => {
  const path = uniquePath(t)
  const old = await listening(t, path)
  const before = await connected(t, path)
  const beforeServed = await accepted(t, old)
  const next = await listening(t, path, { overwrite: true })
  await connected(t, path)
  await accepted(t, next)
  await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => old.accept({ timeout: 0 }), 'accept')
  await before.write('still here')
  t.is(text(await within(beforeServed.read(), PATIENCE_MS, 'still here')), 'still here')
  // It gives back its own name only.
  await old.close()
  await connected(t, path)
  await next.close()
  t.deepEqual(readdirSync(dirname(path)), [])
})

test('a file, a folder or a symlink in the way is never touched', async (t) => {
  for (const [what, make] of [
    ['file', (path: string) => writeFileSync(path, 'precious')],
    ['folder', (path: string) => mkdirSync(path)],
    ['dangling symlink', (path: string) => symlinkSync('nowhere', path)],
    ['symlink to a socket', (path: string) => symlinkSync('../gone.sock', path)],
  ] as const) {
    const path = uniquePath(t)
    make(path)
    const { ino } = lstatSync(path)
    for (const options of [{}, { overwrite: true }, { stale: 'fail' }] as const) {
      await rejectsWith(t, 'EADDRINUSE', () => listen(path, options), `listen over a ${what}`)
      t.is(lstatSync(path).ino, ino)
    }
    t.deepEqual(readdirSync(dirname(path)), [basename(path)])
    if (what === 'file') t.is(readFileSync(path, 'utf8'), 'precious')
  }
})

for (const umask of ['000', '022', '077']) {
  test(`a mode is exactly what was asked for under umask ${umask}`, async (t) => {
    for (const mode of [0o600, 0o660, 0o666, 0o777, 0]) {
      const path = uniquePath(t)
      const server = start(t, '/bin/sh', [
        '-c',
        `umask ${umask}; exec "$0" "$@"`,
        process.execPath,
        programFile('greeter'),
        path,
        JSON.stringify({ mode }),
      ])
      await server.message('the server')
      t.is((statSync(path).mode & 0o777).toString(8), mode.toString(8))
    }
  })
}

rootTest('a mode keeps out whom it does not name', async (t) => {
  const [closed, open] = [publicPath(t), publicPath(t)]
  await listening(t, closed, { mode: 0o600 })
  const welcoming = await listening(t, open, { mode: 0o666 })
  const client = asNobody(t, 'client', ['{}', closed, open])
  t.is((await client.message<Visit>('how it went')).code, 'EACCES')
  await (await accepted(t, welcoming)).write('hello')
  t.true(gotIn(await client.message<Visit>('how it went')))
})

test('keepName leaves the file, which the next listener takes over; without it none is left', async (t) => {
  const path = uniquePath(t)
  const kept = await listening(t, path, { keepName: true })
  const { ino } = statSync(path)
  await kept.close()
  t.is(statSync(path).ino, ino)
  await rejectsWith(t, 'ECONNREFUSED', () => connect(path), 'connect to nobody')
  const next = await listening(t, path)
  await next.close()
  t.false(existsSync(path))
})

test('process.exit gives the name back, unless keepName says not to', async (t) => {
  for (const keepName of [false, true]) {
    const path = uniquePath(t)
    const server = startProgram(t, 'greeter', [path, JSON.stringify({ keepName })])
    await server.message('the server')
    server.tell('exit')
    t.is((await server.exit()).code, 0)
    t.is(existsSync(path), keepName)
  }
})

test('createFolders makes the folders that are missing, for this user alone', async (t) => {
  const folder = uniqueFolder(t)
  const path = join(folder, 'a/b/x.sock')
  const missing = await rejectsWith(t, 'ENOENT', () => listen(path), 'listen')
  t.true(missing.message.includes('createFolders'), missing.message)
  const listener = await listening(t, path, { createFolders: true })
  for (const made of ['a', 'a/b']) t.is(statSync(join(folder, made)).mode & 0o777, 0o700)
  await listener.close()
  t.deepEqual(readdirSync(join(folder, 'a/b')), [])
})

test('checkFolders refuses a folder that others may write to, and says which and what to do', async (t) => {
  const folder = uniqueFolder(t)
  const path = join(folder, 'x.sock')
  await listening(t, path, { checkFolders: true })
  chmodSync(folder, 0o777)
  const other = join(folder, 'y.sock')
  const error = await rejectsWith(
    t,
    'EACCES',
    () => listen(other, { checkFolders: true }),
    'listen',
  )
  for (const part of [folder, 'chmod']) t.true(error.message.includes(part), error.message)
  t.false(existsSync(other))
  await listening(t, other)
})

linuxTest('a path of 300 bytes works like any other', async (t) => {
  const folder = join(uniqueFolder(t), 'd'.repeat(120), 'e'.repeat(130))
  const path = join(folder, 'x.sock')
  const options = { createFolders: true, mode: 0o600 }
  const listener = await listening(t, path.padEnd(300, 'k'), options)
  const long = listener.name.toString()
  t.is(Buffer.byteLength(long), 300)
  t.is(statSync(long).mode & 0o777, 0o600)
  const client = await connected(t, long)
  await client.write('from afar')
  const server = await accepted(t, listener)
  t.is(text(await within(server.read(), PATIENCE_MS, 'the bytes')), 'from afar')
  await listener.close()
  t.deepEqual(readdirSync(folder), [])
  await killedServer(t, long)
  await listening(t, long)
})

linuxTest(
  'a path that is too long is refused with the limit, whole or its last part',
  async (t) => {
    const folder = uniqueFolder(t)
    for (const [path, limit] of [
      [join(folder, 'x'.repeat(108)), '107'],
      [`/${'d/'.repeat(2_100)}x`, '4095'],
    ] as const) {
      for (const open of [() => listen(path), () => connect(path)]) {
        const error = await rejectsWith(t, 'ENAMETOOLONG', open, 'a path that is too long')
        t.true(error.message.includes(limit), error.message)
      }
    }
  },
)

/** Starts a program that holds the lock of the folder of `path` until its stdin ends. */
async function locked(t: ExecutionContext, path: string): Promise<Program> {
  const lock = start(t, 'flock', [dirname(path), '/bin/sh', '-c', 'echo locked; exec cat'])
  await lock.line('the lock')
  return lock
}

linuxTest(
  'a folder that another program keeps locked is an error after a while, and holds up nothing',
  async (t) => {
    const path = uniquePath(t)
    await locked(t, path)
    let ticks = 0
    const ticking = setInterval(() => (ticks += 1), 5)
    const error = await rejectsWith(t, 'ETIMEDOUT', () => listen(path), 'listen')
    clearInterval(ticking)
    t.true(error.message.includes('locked (for 2000 ms)'), error.message)
    t.true(ticks > 10, `timers ran ${ticks} times in 2 s`)
  },
)

linuxTest(
  'listen gets the name once another program gives up the lock of the folder',
  async (t) => {
    const path = uniquePath(t)
    const lock = await locked(t, path)
    const waits = listen(path)
    await turns()
    lock.stdin.end()
    const listener = await within(waits, PATIENCE_MS, 'the listener')
    t.is(listener.name.toString(), path)
    await listener.close()
  },
)

linuxTest(
  'listen that waits for the lock of a folder can be cancelled, and makes no file',
  async (t) => {
    const path = uniquePath(t)
    const lock = await locked(t, path)
    const controller = new AbortController()
    const waits = listen(path, { signal: controller.signal })
    await turns()
    controller.abort()
    const error = await rejectsWith(t, 'ABORT_ERR', () => waits, 'listen')
    t.is(error.address, path)
    lock.stdin.end()
    await lock.exit()
    await turns(30)
    t.false(existsSync(path))
  },
)
