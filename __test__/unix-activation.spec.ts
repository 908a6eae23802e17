import { closeSync, fstatSync, openSync, renameSync } from 'node:fs'
import { createServer, type Server } from 'node:net'

import test, { type ExecutionContext } from 'ava'
import { activated, listen, type ActivatedSocket } from 'local-socket'

import { address, echoes } from './helpers/echo.js'
import { assertAbortError, failure, rejectsWith, wrong } from './helpers/failures.js'
import { uniqueFolder, uniquePath } from './helpers/names.js'
import { accepted, connected, listening } from './helpers/pair.js'
import { programFile, start, startProgram, type Program } from './helpers/process.js'
import { asNobody, gotIn, NOBODY, publicPath, rootTest, type Visit } from './helpers/users.js'
import { eventually, PATIENCE_MS, within } from './helpers/within.js'

const SIZE = 100_000

interface Adopted {
  readonly name: string
  readonly netPath: string
  readonly kind: string
  readonly fd: number
}

interface Refused {
  readonly code: string
  readonly message: string
  readonly open: boolean
}

/** A program that listens on this descriptor, which is 3 there. */
function adopter(t: ExecutionContext, fd: number, options: object = {}): Program {
  return startProgram(t, 'adopts', ['3', JSON.stringify(options)], { descriptors: [fd] })
}

for (const kind of ['path', 'abstract'] as const) {
  test(`a child serves at the ${kind} name of a listener that its parent passed on`, async (t) => {
    const { name, shown } = address(t, kind)
    const listener = await listening(t, name)
    const child = adopter(t, listener.fd)
    const adopted = await child.message<Adopted>('where it listens')
    t.is(adopted.name, shown)
    t.is(adopted.netPath, listener.name.toNetPath())
    t.is(adopted.kind, kind === 'path' ? 'path' : 'namespaced')
    t.is(adopted.fd, 3)
    await echoes(t, name, SIZE)
  })
}

test('close leaves the file to whoever made it', async (t) => {
  const path = uniquePath(t)
  const listener = await listening(t, path)
  const child = adopter(t, listener.fd)
  await child.message<Adopted>('where it listens')
  child.tell(null)
  t.deepEqual(await child.message('the end'), { closed: true })
  child.stdin.end()
  t.deepEqual(await child.exit(), { code: 0, signal: null })
  await connected(t, path)
  await accepted(t, listener)
})

test('close closes the descriptor, so that nobody holds the socket any more', async (t) => {
  const { name } = address(t, 'abstract')
  const listener = await listening(t, name)
  const child = adopter(t, listener.fd)
  await child.message<Adopted>('where it listens')
  await listener.close()
  await rejectsWith(t, 'EADDRINUSE', () => listen(name), 'a name that the child holds')
  child.tell(null)
  t.deepEqual(await child.message('the end'), { closed: true })
  // What earlier clients may have sent is closed on another thread, and so is the listener.
  const isFree = () =>
    listening(t, name).then(
      () => true,
      () => false,
    )
  await eventually(isFree, PATIENCE_MS, 'the name to be free')
})

test('a listener of net goes on in a child after net has closed its own', async (t) => {
  const path = uniquePath(t)
  const server = createServer()
  await within(
    new Promise<void>((resolve) => server.listen(path, resolve)),
    PATIENCE_MS,
    'net to listen',
  )
  const child = adopter(t, descriptorOf(server))
  t.is((await child.message<Adopted>('where it listens')).name, path)
  // The server removes what it finds at its path.
  const moved = `${path}.moved`
  renameSync(path, moved)
  await within(new Promise((resolve) => server.close(resolve)), PATIENCE_MS, 'net to close')
  await echoes(t, moved, SIZE)
})

rootTest('clients see who listens now and not who opened the socket', async (t) => {
  const path = publicPath(t)
  const listener = await listening(t, path)
  t.is((await connected(t, path)).peer.uid, 0)
  const child = startProgram(t, 'adopts', ['3'], {
    descriptors: [listener.fd],
    uid: NOBODY,
    gid: NOBODY,
    cwd: '/',
  })
  await child.message<Adopted>('where it listens')
  t.is((await connected(t, path)).peer.uid, NOBODY)
})

rootTest('an abstract name that was passed on admits the same user unless told else', async (t) => {
  const { name } = address(t, 'abstract')
  const listener = await listening(t, name)
  const strict = adopter(t, listener.fd)
  await strict.message<Adopted>('where it listens')
  const turnedAway = asNobody(t, 'client', ['{}', name])
  t.false(gotIn(await turnedAway.message<Visit>('how it went')))
  await strict.stop()

  const open = adopter(t, listener.fd, { allow: 'anyone' })
  await open.message<Adopted>('where it listens')
  asNobody(t, 'client', ['{}', name])
  t.deepEqual(await open.message('whom it accepts'), { accepted: NOBODY })
})

test('a descriptor that can not listen is refused with the reason and stays open', async (t) => {
  const file = openSync(programFile('adopts'), 'r')
  t.teardown(() => closeSync(file))
  const tcp = createServer()
  t.teardown(() => tcp.close())
  await within(
    new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve)),
    PATIENCE_MS,
    'net to listen',
  )
  const name = uniquePath(t)
  await listening(t, name)
  const stream = await connected(t, name)
  for (const [fd, reason] of [
    [file, 'no socket'],
    [descriptorOf(tcp), 'no Unix domain socket'],
    [stream.fd, 'connected'],
  ] as const) {
    const attempt = () => listen({ fd })
    const error = await rejectsWith(t, 'ERR_INVALID_ARG_VALUE', attempt, `listen on ${reason}`)
    t.true(error.message.includes(`${fd} `) && error.message.includes(reason), error.message)
    t.notThrows(() => fstatSync(fd))
  }
})

test('a descriptor that is not open, or that a listener has, is refused by its number', async (t) => {
  const closed = openSync(programFile('adopts'), 'r')
  closeSync(closed)
  const error = await rejectsWith(t, 'EBADF', () => listen({ fd: closed }), 'a closed descriptor')
  t.true(error.message.includes(`fd ${closed}`), error.message)

  const name = uniquePath(t)
  const listener = await listening(t, name)
  const { fd } = listener
  await rejectsWith(t, 'EEXIST', () => listen({ fd }), 'a descriptor that is in use')
  await connected(t, name)
  await accepted(t, listener)
})

test('what is no descriptor is refused with what is wanted', async (t) => {
  await rejectsWith(t, 'ERR_INVALID_ARG_TYPE', refused({ fd: '3' }), 'a string')
  for (const fd of [-1, 1.5, Number.NaN, 2 ** 31]) {
    await rejectsWith(t, 'ERR_OUT_OF_RANGE', refused({ fd }), String(fd))
  }
  const path = refused({ fd: 3, backlog: 5 })
  const error = await rejectsWith(t, 'ERR_INVALID_ARG_VALUE', path, 'options in the wrong place')
  t.true(error.message.includes('"backlog"'), error.message)
  await rejectsWith(t, 'ERR_INVALID_ARG_TYPE', refused({ path: '/x' }), 'an object without fd')
})

test('options about making a name are refused by name, and nothing is taken', async (t) => {
  const path = uniquePath(t)
  const { fd } = await listening(t, path)
  for (const option of [
    { mode: 0o600 },
    { stale: 'fail' as const },
    { stale: 'reclaim' as const },
    { overwrite: true },
    { keepName: true },
    { createFolders: true },
    { checkFolders: true },
  ]) {
    const attempt = () => listen({ fd }, option)
    const error = await rejectsWith(t, 'ERR_INVALID_ARG_VALUE', attempt, 'a name option')
    t.true(error.message.includes(`option ${Object.keys(option)[0]} `), error.message)
  }
})

test('with an aborted signal the descriptor stays the caller’s', async (t) => {
  const path = uniquePath(t)
  const listener = await listening(t, path)
  const signal = AbortSignal.abort('not today')
  assertAbortError(t, await failure(listen({ fd: listener.fd }, { signal }), 'listen'), 'not today')
  await connected(t, path)
  await accepted(t, listener)
})

test('a child that is refused keeps the descriptor open', async (t) => {
  const folder = openSync(uniqueFolder(t), 'r')
  t.teardown(() => closeSync(folder))
  const answer = await adopter(t, folder).message<Refused>('why it can not listen')
  t.is(answer.code, 'ERR_INVALID_ARG_VALUE')
  t.true(answer.open)
})

test('without a service manager nothing was passed', (t) => {
  t.deepEqual(activated(), [])
})

function refused(where: unknown): () => Promise<unknown> {
  return () => listen(wrong(where))
}

/** A program that tells what was passed, started as a service manager does. */
function passed(t: ExecutionContext, fds: number[], environment: string, role = ''): Program {
  const script = `${environment} exec "$0" "$@"`
  const args = ['-c', script, process.execPath, programFile('activated'), role]
  return start(t, 'sh', args, { descriptors: fds })
}

test('what was passed is told once, by name, with whether it listens', async (t) => {
  const { fd } = await listening(t, uniquePath(t))
  const file = openSync(programFile('adopts'), 'r')
  t.teardown(() => closeSync(file))
  const names = 'LISTEN_FDNAMES=main:other'
  for (const role of ['', 'worker']) {
    const program = passed(t, [fd, file], `LISTEN_PID=$$ LISTEN_FDS=2 ${names}`, role)
    t.deepEqual(await program.message<ActivatedSocket[]>('what was passed'), [
      { name: 'main', fd: 3, listens: true },
      { name: 'other', fd: 4, listens: false },
    ])
    t.deepEqual(await program.message('what is left'), [])
  }
})

test('what is for another process is not taken', async (t) => {
  const { fd } = await listening(t, uniquePath(t))
  const program = passed(t, [fd], 'LISTEN_PID=1 LISTEN_FDS=1')
  t.deepEqual(await program.message('what was passed'), [])
})

test('a broken environment is an error that names the variable', async (t) => {
  const { fd } = await listening(t, uniquePath(t))
  for (const [environment, said] of [
    ['LISTEN_PID=$$ LISTEN_FDS=x', 'LISTEN_FDS is "x"'],
    ['LISTEN_PID=me LISTEN_FDS=1', 'LISTEN_PID is "me"'],
    ['LISTEN_PID=$$ LISTEN_FDS=1000000', "isn't open"],
    ['LISTEN_PID=$$ LISTEN_FDS=1 LISTEN_FDNAMES=a:b', '1 descriptors and 2 names'],
  ] as const) {
    const error = await passed(t, [fd], environment).message<Refused & Error>('an error')
    t.false('address' in error)
    t.is(error.code, 'ERR_LOCAL_SOCKET_ACTIVATION')
    t.is(error.name, 'LocalSocketError')
    t.true(error.message.includes(said), error.message)
  }
})

/** The descriptor that a server of net listens on. */
function descriptorOf(server: Server): number {
  const { _handle: handle } = wrong<{ _handle: { fd: number } }>(server)
  return handle.fd
}
