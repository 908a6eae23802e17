import { chownSync } from 'node:fs'
import { dirname } from 'node:path'

import test from 'ava'
import { connect, type Allow, type PeerCredentials } from 'local-socket'

import { failure, rejectsWith, wrong, type Failure } from './helpers/failures.js'
import { uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, listening } from './helpers/pair.js'
import { windows } from './helpers/platform.js'
import { isOwn, OWN, ownRule, STRANGER } from './helpers/rules.js'
import { NOBODY, asNobody, publicPath, rootTest, type Visit } from './helpers/users.js'
import { PATIENCE_MS, within } from './helpers/within.js'

const NOT_ALLOWED = 'ERR_LOCAL_SOCKET_SERVER_NOT_ALLOWED'

interface Refused extends Failure {
  readonly peer?: PeerCredentials
}

test('a server that the rules do not allow is refused, and the error says who and what would', async (t) => {
  for (const name of [uniqueName(t), uniquePath(t)]) {
    const listener = await listening(t, name)
    const refusals: Allow[] = [STRANGER, [], [STRANGER]]
    if (!windows) refusals.push({ gid: 60_000 }, [STRANGER, { gid: 60_000 }])
    for (const server of refusals) {
      const error: Refused = await rejectsWith(
        t,
        NOT_ALLOWED,
        () => connect(name, { server }),
        name,
      )
      t.is(error.syscall, 'connect')
      t.is(error.address, listener.name.toString())
      t.true(isOwn(error.peer))
      t.is(error.peer?.pid, process.pid)
      t.true(Object.isFrozen(error.peer))
      t.true(error.message.includes(ownRule('server')), error.message)
    }
  }
})

test('a server that any of the rules allows is served by', async (t) => {
  const name = uniqueName(t)
  await listening(t, name)
  const admitting: (Allow | undefined)[] = [
    undefined,
    'sameUser',
    'anyone',
    OWN,
    [STRANGER, 'sameUser'],
    isOwn,
  ]
  if (!windows) admitting.push({ gid: process.getgid?.() ?? 0 })
  for (const server of admitting) await connected(t, name, { server })
  t.pass()
})

test('a refused server is refused at once, though connect would try again and wait', async (t) => {
  const name = uniqueName(t)
  await listening(t, name)
  const options = { server: STRANGER, retry: true, timeout: 3_600_000 }
  await rejectsWith(t, NOT_ALLOWED, () => connect(name, options), 'connect')
})

test('a server that starts later is judged, too', async (t) => {
  for (const server of [STRANGER, () => false]) {
    const name = uniquePath(t)
    const waiting = failure(connect(name, { server, retry: true }), 'connect')
    await listening(t, name)
    t.is((await waiting).code, NOT_ALLOWED)
  }
})

test('a function judges the server by what the kernel says of it', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const peers: PeerCredentials[] = []
  const client = await connected(t, name, {
    server: (peer) => {
      peers.push(peer)
      return true
    },
  })
  await accepted(t, listener)
  t.is(peers.length, 1)
  t.true(client.peer === peers[0])
  t.is(peers[0]?.pid, process.pid)
  const error: Refused = await rejectsWith(
    t,
    NOT_ALLOWED,
    () => connect(name, { server: () => false }),
    'connect',
  )
  t.true(isOwn(error.peer))
  t.false('cause' in error)
  t.is(await within((await accepted(t, listener)).read(), PATIENCE_MS, 'the end'), null)
})

test('a function that throws or gives no boolean refuses the server, and the error says why', async (t) => {
  const name = uniqueName(t)
  await listening(t, name)
  const bug = new RangeError('a bug')
  const throwing = (): never => {
    throw bug
  }
  const broken = await rejectsWith(t, NOT_ALLOWED, () => connect(name, { server: throwing }), name)
  t.is(broken.cause, bug)
  for (const answer of [undefined, 1, 'true', {}, Promise.resolve(true)]) {
    const server = wrong<Allow>(() => answer)
    const { cause } = await rejectsWith(t, NOT_ALLOWED, () => connect(name, { server }), name)
    t.is((cause as Failure).code, 'ERR_INVALID_RETURN_VALUE')
  }
})

test('a connect that its function cancels leaves nothing behind', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const abort = new AbortController()
  const server = (): boolean => {
    abort.abort()
    return true
  }
  const error = await failure(connect(name, { server, signal: abort.signal }), 'connect')
  t.is(error.code, 'ABORT_ERR')
  t.is(await within((await accepted(t, listener)).read(), PATIENCE_MS, 'the end'), null)
})

rootTest('a squatter can take a name, but not be taken for its server', async (t) => {
  const name = uniqueName(t)
  const squatter = asNobody(t, 'greeter', [name, '{"allow":"anyone"}'])
  await squatter.message('the squatter')
  const error: Refused = await rejectsWith(t, NOT_ALLOWED, () => connect(name), 'connect')
  t.is(error.peer?.uid, NOBODY)
  t.is(error.peer?.pid, squatter.pid)
  t.true(error.message.includes(`{ server: { uid: ${NOBODY} } }`), error.message)
  await connected(t, name, { server: { uid: NOBODY } })
})

rootTest('by a path, whoever may write to its folder may serve', async (t) => {
  const path = publicPath(t)
  chownSync(dirname(path), NOBODY, NOBODY)
  await asNobody(t, 'greeter', [path]).message('the server')
  await connected(t, path)
  await rejectsWith(t, NOT_ALLOWED, () => connect(path, { server: 'sameUser' }), 'connect')
})

rootTest('a client of another user trusts a server of root', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { allow: 'anyone' })
  const client = asNobody(t, 'client', ['{}', name])
  await (await accepted(t, listener)).write('hello')
  t.is((await client.message<Visit>('how it went')).read, 'hello')
})
