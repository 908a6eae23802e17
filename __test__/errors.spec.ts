import { chmodSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { getSystemErrorName, inspect } from 'node:util'

import test, { type ExecutionContext } from 'ava'
import { LocalSocketError, connect, listen } from 'local-socket'

import { failure, type Failure } from './helpers/failures.js'
import { uniqueFolder, uniqueName, uniquePath } from './helpers/names.js'
import { accepted, fill, listening, pair } from './helpers/pair.js'
import { ROOT } from './helpers/peers.js'
import { startProgram } from './helpers/process.js'
import { notUnderWine, unixTest } from './helpers/tests.js'
import { NOBODY } from './helpers/users.js'
import { PATIENCE_MS, turns, within } from './helpers/within.js'

test('a system error has the code as Node spells it, a negative errno, syscall and address', async (t) => {
  const path = uniquePath(t)
  const error = await failure(connect(path), 'connect')
  t.true(error instanceof LocalSocketError)
  t.true(error instanceof Error)
  t.is(error.name, 'LocalSocketError')
  t.is(error.code, 'ENOENT')
  t.is(getSystemErrorName(error.errno ?? 0), 'ENOENT')
  t.is(error.syscall, 'connect')
  t.is(error.address, path)
})

test('messages begin as Node writes them and go on with what to do', async (t) => {
  const path = uniquePath(t)
  const missing = await failure(connect(path), 'connect')
  t.true(missing.message.startsWith(`connect ENOENT ${path}: `), missing.message)
  t.true(missing.message.includes('retry'), missing.message)
})

notUnderWine(
  'so does the message of a name that is taken',
  'it does not refuse a second first instance of a pipe',
  async (t) => {
    const path = uniquePath(t)
    await listening(t, path)
    const taken = await failure(listen(path), 'listen')
    t.true(taken.message.startsWith(`listen EADDRINUSE ${path}: `), taken.message)
  },
)

test('a printed error shows its code and address but not the bytes that it carries', async (t) => {
  const { client, server } = await pair(t)
  await client.write('secret')
  await client.end()
  const error = await failure(server.readExact(100), 'readExact')
  t.is(error.code, 'ERR_LOCAL_SOCKET_UNEXPECTED_END')
  t.is(error.received?.byteLength, 6)
  t.regex(inspect(error), /ERR_LOCAL_SOCKET_UNEXPECTED_END/)
  t.notRegex(inspect(error), /Uint8Array/)
})

unixTest('a permission that is missing is EACCES, for connect and for listen', async (t) => {
  const folder = uniqueFolder(t)
  await listening(t, `${folder}/private.sock`)
  chmodSync(folder, 0)
  t.teardown(() => chmodSync(folder, 0o700))
  // Permissions do not apply to root, so there the program runs as nobody.
  const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}
  const program = startProgram(t, 'report-failure', [`${folder}/private.sock`], {
    ...asNobody,
    cwd: '/',
  })
  for (const syscall of ['connect', 'listen']) {
    const error = await program.message<Failure>(`the outcome of ${syscall}`)
    t.is(error.code, 'EACCES', error.message)
    t.is(getSystemErrorName(error.errno ?? 0), 'EACCES')
    t.is(error.syscall, syscall)
    t.is(error.address, `${folder}/private.sock`)
  }
  t.is((await program.exit()).code, 0, program.stderr)
})

test('the stack of a call that fails at once leads to the line that called', async (t) => {
  const askTheMissing = async (): Promise<void> => {
    await connect(uniquePath(t))
  }
  assertStack(t, await failure(askTheMissing(), 'connect'), 'askTheMissing')
  const letsNobodyIn = async (): Promise<void> => {
    await listen(uniqueName(t), { maxConnections: 0 })
  }
  assertStack(t, await failure(letsNobodyIn(), 'listen'), 'letsNobodyIn')
})

test('the stack of a wait that fails later leads to the line that waited', async (t) => {
  const { client, server, listener } = await pair(t)

  const acceptsInVain = async (): Promise<void> => {
    await listener.accept({ timeout: 5 })
  }
  assertStack(t, await failure(acceptsInVain(), 'accept'), 'acceptsInVain')

  const readsInVain = async (): Promise<void> => {
    await client.read({ timeout: 5 })
  }
  assertStack(t, await failure(readsInVain(), 'read'), 'readsInVain')

  const readsExactly = async (): Promise<void> => {
    await client.readExact(10, { timeout: 5 })
  }
  assertStack(t, await failure(readsExactly(), 'readExact'), 'readsExactly')

  fill(client)
  const writesInVain = async (): Promise<void> => {
    await client.write('x', { timeout: 5 })
  }
  assertStack(t, await failure(writesInVain(), 'write'), 'writesInVain')

  const writesUntilBroken = async (): Promise<void> => {
    for (;;) await client.write(new Uint8Array(65_536))
  }
  const broken = failure(writesUntilBroken(), 'write')
  await turns()
  server.destroy()
  const error = await broken
  t.regex(error.code ?? '', /^(EPIPE|ECONNRESET)$/)
  assertStack(t, error, 'writesUntilBroken')
})

unixTest('the stack of a read that is reset leads to the line that waited', async (t) => {
  const { client, server } = await pair(t)
  await client.write('unread')
  const readsUntilReset = async (): Promise<void> => {
    for (;;) await client.read()
  }
  const reset = failure(readsUntilReset(), 'read')
  await turns()
  server.destroy()
  const error = await reset
  t.is(error.code, 'ECONNRESET')
  assertStack(t, error, 'readsUntilReset')
})

test('the stack of a wait ended by close or by a signal leads to the line that waited', async (t) => {
  const { client } = await pair(t)
  const readsWhenClosed = async (): Promise<void> => {
    await client.read()
  }
  const closed = failure(readsWhenClosed(), 'read')
  await turns()
  await client.close()
  assertStack(t, await closed, 'readsWhenClosed')

  const other = await pair(t)
  const abort = new AbortController()
  const readsWhenAborted = async (): Promise<void> => {
    await other.client.readInto(new Uint8Array(1), { signal: abort.signal })
  }
  const aborted = failure(readsWhenAborted(), 'readInto')
  await turns()
  abort.abort()
  assertStack(t, await aborted, 'readsWhenAborted')
  // Aborted already, so that the call fails at once.
  assertStack(t, await failure(readsWhenAborted(), 'readInto'), 'readsWhenAborted')
})

test('the stack of an error in for await leads to the loop', async (t) => {
  const { client } = await pair(t)
  const iterates = async (): Promise<void> => {
    for await (const chunk of client) t.truthy(chunk)
  }
  const closed = failure(iterates(), 'for await')
  await turns()
  await client.close()
  assertStack(t, await closed, 'iterates')
})

test('a client that is refused can be told from a server that has gone', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const client = await connect(name)
  t.teardown(() => client.destroy())
  const server = await accepted(t, listener)
  await server.close()
  t.is(await within(client.read(), PATIENCE_MS, 'the orderly end'), null)
  t.is((await failure(client.write('x'), 'write')).code, 'EPIPE')
})

test('ERRORS.md lists every code that this package makes', (t) => {
  const listed = readFileSync(join(ROOT, 'ERRORS.md'), 'utf8')
  const made = new Set<string>()
  for (const file of readdirSync(join(ROOT, 'src'))) {
    if (!file.endsWith('.ts')) continue
    const source = readFileSync(join(ROOT, 'src', file), 'utf8')
    for (const [, code = ''] of source.matchAll(/'(ERR_[A-Z_]+|ABORT_ERR)'/g)) made.add(code)
    for (const [, code = ''] of source.matchAll(/ownError\(\s*'([A-Z_]+)'/g)) {
      made.add(`ERR_LOCAL_SOCKET_${code}`)
    }
  }
  t.true(made.size > 10, [...made].join(' '))
  for (const code of made) t.true(listed.includes(code), `${code} is missing`)
})

function assertStack(t: ExecutionContext, error: Failure, caller: string): void {
  const stack = error.stack ?? ''
  t.true(stack.includes(caller) && /errors\.spec\.[jt]s/.test(stack), stack)
}
