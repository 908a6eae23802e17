import { once } from 'node:events'
import { connect as netConnect } from 'node:net'
import { runInNewContext } from 'node:vm'

import test, { type ExecutionContext } from 'ava'
import {
  connect,
  type Allow,
  type Listener,
  type LocalSocketError,
  type PeerCredentials,
  type Refusal,
} from 'local-socket'

import { text } from './helpers/checksum.js'
import { failure, wrong } from './helpers/failures.js'
import { uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, discarded, listening, queued } from './helpers/pair.js'
import { peerTest } from './helpers/peers.js'
import { windows, wine } from './helpers/platform.js'
import { start } from './helpers/process.js'
import { isOwn, OWN, REFUSING, STRANGER } from './helpers/rules.js'
import {
  CLUB,
  NOBODY,
  asMember,
  asNobody,
  gotIn,
  publicPath,
  rootTest,
  type Visit,
} from './helpers/users.js'
import { PATIENCE_MS, eventually, turns, within } from './helpers/within.js'

const GROUPS: readonly (readonly [Allow, boolean])[] = windows
  ? []
  : [
      [{ gid: process.getgid?.() ?? 0 }, true],
      [{ gid: 60_000 }, false],
      [{ uid: 2 ** 32 - 2 }, false],
      [[STRANGER, { gid: 60_000 }], false],
      [[STRANGER, { gid: process.getgid?.() ?? 0 }], true],
    ]

/** Says hello to whoever gets in. */
function greets(t: ExecutionContext, listener: Listener): void {
  const greet = async (): Promise<void> => {
    for await (const stream of listener) await discarded(t, stream).write('hello')
  }
  void greet()
}

/** Whether this process gets in where `allow` holds. */
async function letsUsIn(t: ExecutionContext, allow: Allow | undefined): Promise<boolean> {
  const listener = await listening(t, uniquePath(t), { allow })
  greets(t, listener)
  const connecting = connect(listener.name)
  try {
    const client = discarded(t, await within(connecting, PATIENCE_MS, 'the connect'))
    const answer = await within(client.read(), PATIENCE_MS, 'a greeting or the end')
    t.is(listener.refused, answer === null ? 1 : 0)
    return answer !== null
  } catch (error) {
    // A pipe whose rules keep somebody out isn't opened.
    if (!windows) throw error
    t.is((error as LocalSocketError).code, 'EPERM')
    return false
  }
}

test('each rule lets in whom it names, and a list whom any of its rules does', async (t) => {
  const rules: readonly (readonly [Allow | undefined, boolean])[] = [
    [undefined, true],
    ['anyone', true],
    ['sameUser', true],
    [OWN, true],
    [STRANGER, false],
    [[], false],
    [[STRANGER], false],
    [[STRANGER, 'sameUser'], true],
    [[STRANGER, OWN], true],
    [[STRANGER, 'anyone'], true],
    [() => true, true],
    [() => false, false],
    ...GROUPS,
  ]
  for (const [allow, admitted] of rules) {
    // Nor does Wine keep anybody out of a pipe.
    if (wine && !admitted && typeof allow !== 'function') continue
    t.is(await letsUsIn(t, allow), admitted, JSON.stringify(allow))
  }
})

rootTest('another user gets in by its user, its group or a supplementary one', async (t) => {
  const rules: readonly (readonly [Allow, boolean])[] = [
    ['anyone', true],
    ['sameUser', false],
    [{ uid: NOBODY }, true],
    [{ uid: 0 }, false],
    [{ gid: NOBODY }, true],
    [{ gid: CLUB }, true],
    [{ gid: 0 }, false],
    [['sameUser', { gid: CLUB }], true],
    [({ uid, groups }) => uid === NOBODY && groups?.includes(CLUB) === true, true],
    [({ uid }) => uid === 0, false],
  ]
  const names: string[] = []
  for (const [allow] of rules) {
    const name = uniqueName(t)
    greets(t, await listening(t, name, { allow }))
    names.push(name)
  }
  const client = asMember(t, 'client', ['{}', ...names])
  for (const [allow, admitted] of rules) {
    t.is(gotIn(await client.message<Visit>('how it went')), admitted, JSON.stringify(allow))
  }
})

rootTest(
  'a namespaced name is for the same user and root unless it is said otherwise',
  async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name)
    greets(t, listener)
    const stranger = asNobody(t, 'client', ['{}', name])
    t.false(gotIn(await stranger.message<Visit>('how it went')))
    t.is(listener.refused, 1)
    await connected(t, name)

    const theirs = uniqueName(t)
    const server = asNobody(t, 'greeter', [theirs])
    await server.message('the server of nobody')
    const root = await connected(t, theirs, { server: 'anyone' })
    t.truthy(await within(root.read(), PATIENCE_MS, 'a greeting for root'))
  },
)

rootTest('a path is for whomever its permissions let in', async (t) => {
  const path = publicPath(t)
  const listener = await listening(t, path, { mode: 0o666 })
  greets(t, listener)
  t.true(gotIn(await asNobody(t, 'client', ['{}', path]).message<Visit>('how it went')))
  t.is(listener.refused, 0)
})

test('a function is asked once for each client, with its credentials, before it is handed out', async (t) => {
  const peers: PeerCredentials[] = []
  const name = uniqueName(t)
  const listener = await listening(t, name, {
    allow: (peer) => {
      peers.push(peer)
      return peers.length !== 2
    },
  })
  const first = await connected(t, name)
  await connected(t, name)
  await connected(t, name)
  const streams = [await accepted(t, listener), await accepted(t, listener)]
  t.is(peers.length, 3)
  t.is(listener.refused, 1)
  t.is(streams[0]?.peer, peers[0])
  t.is(streams[1]?.peer, peers[2])
  t.true(isOwn(peers[0]))
  t.is(peers[0]?.pid, process.pid)
  t.true(Object.isFrozen(peers[0]))
  await first.write('x')
  t.truthy(await within(streams[0]?.read() ?? Promise.reject(), PATIENCE_MS, 'x'))
})

test('a function that throws or gives no boolean refuses, and says why', async (t) => {
  const answers: readonly (readonly [string, () => unknown])[] = [
    ['nothing', () => undefined],
    ['a number', () => 1],
    ['a word', () => 'true'],
    ['an object', () => ({})],
    ['a promise of true', async () => true],
    ['a promise that is rejected', async () => Promise.reject(new Error('too late'))],
    ['one of another realm', runInNewContext('async () => { throw 1 }') as () => unknown],
  ]
  for (const [what, answer] of answers) {
    const { cause } = await refusalBy(t, answer)
    t.true(cause instanceof TypeError, what)
    t.is((cause as { code?: string }).code, 'ERR_INVALID_RETURN_VALUE', what)
    t.true((cause as Error).message.includes('true or false'), what)
  }
  const bug = new RangeError('a bug')
  const broken = await refusalBy(t, () => {
    throw bug
  })
  t.is(broken.cause, bug)
  t.false('cause' in (await refusalBy(t, () => false)))
})

async function refusalBy(t: ExecutionContext, answer: () => unknown): Promise<Refusal> {
  const name = uniqueName(t)
  const listener = await listening(t, name, { allow: wrong(answer) })
  const told = new Promise<Refusal>((resolve) => {
    listener.onRefused = resolve
  })
  greets(t, listener)
  const client = await connected(t, name)
  t.is(await within(client.read(), PATIENCE_MS, 'the end'), null)
  t.is(listener.refused, 1)
  return within(told, PATIENCE_MS, 'the refusal')
}

test.serial(
  'a function that fails where nobody observes it warns once for each listener',
  async (t) => {
    const warnings: string[] = []
    const onWarning = (warning: Error & { code?: string }): void => {
      if (warning.code === 'LOCAL_SOCKET_ALLOW') warnings.push(warning.message)
    }
    process.on('warning', onWarning)
    t.teardown(() => process.off('warning', onWarning))
    for (const [thrown, said] of [
      [new Error('the list of users is gone'), 'the list of users is gone'],
      [Object.create(null), 'an object'],
    ] as const) {
      const name = uniqueName(t)
      const allow = (): never => {
        throw thrown
      }
      const listener = await listening(t, name, { allow })
      greets(t, listener)
      for (let count = 0; count < 3; count += 1) {
        t.is(await within((await connected(t, name)).read(), PATIENCE_MS, 'the end'), null)
      }
      await eventually(() => warnings.length > 0, PATIENCE_MS, 'no warning came')
      await turns()
      t.is(warnings.length, 1)
      t.true(warnings.pop()?.includes(said))
      t.is(listener.refused, 3)
    }
  },
)

for (const [which, timeout] of [
  ['that waits', undefined],
  ['that could be done at once', 0],
] as const) {
  test(`an accept ${which} takes nobody if the function cancels it: the next one gets the client`, async (t) => {
    const name = uniqueName(t)
    const abort = new AbortController()
    const listener = await listening(t, name, {
      allow: () => {
        abort.abort()
        return true
      },
    })
    const { signal } = abort
    const before = timeout === 0 ? await queued(t, name) : undefined
    const cancelled = failure(listener.accept({ signal, timeout }), 'the accept')
    const client = before ?? (await connected(t, name))
    t.is((await cancelled).code, 'ABORT_ERR')
    await client.write('x')
    t.truthy(await within((await accepted(t, listener)).read(), PATIENCE_MS, 'x'))
    t.is(listener.refused, 0)
  })
}

test('a function that closes the listener ends what waits, and the client sees the end', async (t) => {
  const name = uniqueName(t)
  const listener: Listener = await listening(t, name, {
    allow: () => {
      void listener.close()
      return true
    },
  })
  const waiting = failure(listener.accept(), 'accept')
  const client = await connected(t, name)
  t.is((await waiting).code, 'ERR_LOCAL_SOCKET_CLOSED')
  t.is(await within(client.read(), PATIENCE_MS, 'the end'), null)
})

test('a list that is changed after the call changes nothing', async (t) => {
  const name = uniqueName(t)
  const list = [OWN]
  const listener = await listening(t, name, { allow: list })
  list[0] = STRANGER
  greets(t, listener)
  t.truthy(await within((await connected(t, name)).read(), PATIENCE_MS, 'a greeting'))
})

test('a refused client of net sees the end, an admitted one gets its greeting', async (t) => {
  for (const [allow, greeting] of [
    [REFUSING, ''],
    ['sameUser', 'hello'],
  ] as const) {
    const path = uniquePath(t)
    const listener = await listening(t, path, { allow })
    greets(t, listener)
    const socket = netConnect(path)
    t.teardown(() => socket.destroy())
    const [first] = (await within(
      Promise.race([once(socket, 'data'), once(socket, 'end')]),
      PATIENCE_MS,
      'a greeting or the end',
    )) as (Uint8Array | undefined)[]
    t.is(first === undefined ? '' : text(first), greeting)
  }
})

peerTest('socat', 'a refused socat ends, and nothing of what it sent is read', async (t, socat) => {
  const path = uniquePath(t)
  const listener = await listening(t, path, { allow: STRANGER })
  greets(t, listener)
  const program = start(t, socat, ['-', `UNIX-CONNECT:${path}`])
  program.stdin.write('let me in\n')
  await program.exit()
  t.deepEqual(program.rest(), [])
  t.is(listener.refused, 1)
})
