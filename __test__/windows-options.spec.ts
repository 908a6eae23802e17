import test from 'ava'
import { activated, connect, listen } from 'local-socket'

import { rejection, rejectsWith, thrown, wrong } from './helpers/failures.js'
import { isTaken, uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, listening } from './helpers/pair.js'
import { isOwn, OWN } from './helpers/rules.js'
import { notUnderWine } from './helpers/tests.js'

test('what only files have is refused by name, and the name stays free', async (t) => {
  const path = uniquePath(t)
  for (const asked of [
    { mode: 0o600 },
    { createFolders: true },
    { checkFolders: true },
    { keepName: true },
    { overwrite: true },
  ]) {
    for (const name of [uniqueName(t), path]) {
      const call = () => listen(name, asked)
      const error = await rejectsWith(t, 'ERR_INVALID_ARG_VALUE', call, 'listen')
      t.true(error.message.includes(Object.keys(asked)[0] ?? ''), error.message)
    }
  }
  t.false(await isTaken(path))
})

test('stale is taken, since a pipe goes with its last handle and none is stale', async (t) => {
  for (const stale of ['fail', 'reclaim'] as const) {
    const path = uniquePath(t)
    const listener = await listening(t, path, { stale })
    const client = await connected(t, path)
    const server = await accepted(t, listener)
    await listener.close()
    client.destroy()
    server.destroy()
    t.false(await isTaken(path))
  }
})

test('users and groups by number are refused as rules', async (t) => {
  for (const rule of [{ uid: 0 }, { gid: 0 }, ['sameUser', { uid: 0 }]]) {
    for (const error of [
      await rejection(() => listen(uniqueName(t), { allow: wrong(rule) }), 'listen'),
      await rejection(() => connect(uniqueName(t), { server: wrong(rule) }), 'connect'),
    ]) {
      t.regex(error.code ?? '', /^ERR_/, error.message)
      t.true(error.message.includes('sid'), error.message)
    }
  }
})

test('a sid that is none is refused', async (t) => {
  for (const sid of ['', 'root', 'S-1', 'S-1-5-', 's 1', `S-1-5-${'1-'.repeat(20)}1`]) {
    const error = await rejection(
      () => listen(uniqueName(t), { allow: { sid } }),
      `allow of ${sid}`,
    )
    t.regex(error.code ?? '', /^ERR_/, `${sid}: ${error.message}`)
  }
  for (const sid of [undefined, null, 5, {}, ['S-1-1-0']]) {
    await rejectsWith(
      t,
      'ERR_INVALID_ARG_TYPE',
      () => listen(uniqueName(t), { allow: wrong({ sid }) }),
      `allow of ${String(sid)}`,
    )
  }
})

test('who is in a group may be let in by its sid', async (t) => {
  const name = uniqueName(t)
  // Everyone.
  const listener = await listening(t, name, { allow: { sid: 'S-1-1-0' } })
  await connected(t, name)
  t.true(isOwn((await accepted(t, listener)).peer))
})

for (const securityDescriptor of [
  'D:P(A;;GA;;;WD)',
  'D:(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x12019b;;;WD)',
]) {
  test(`the security descriptor ${securityDescriptor} is taken, and serves`, async (t) => {
    const name = uniqueName(t)
    const listener = await listening(t, name, { securityDescriptor })
    // Whom it does not name as the owner is the system's choice.
    const server = 'anyone'
    const clients = [await connected(t, name, { server }), await connected(t, name, { server })]
    await accepted(t, listener)
    await accepted(t, listener)
    t.is(clients.length, 2)
  })
}

test('a security descriptor that is none is refused, and the name stays free', async (t) => {
  const path = uniquePath(t)
  for (const securityDescriptor of ['', 'everyone', 'D:(A;;GA;;;', 'D:P(A;;GA;;;nobody)']) {
    const call = () => listen(path, { securityDescriptor })
    const error = await rejection(call, securityDescriptor)
    t.truthy(error.code, error.message)
    t.true(error.message.includes('securityDescriptor'), error.message)
  }
  for (const securityDescriptor of [null, 5, {}, ['D:']]) {
    const call = () => listen(path, { securityDescriptor: wrong(securityDescriptor) })
    await rejectsWith(t, 'ERR_INVALID_ARG_TYPE', call, String(securityDescriptor))
  }
  t.false(await isTaken(path))
})

notUnderWine(
  'a security descriptor keeps out whom it does not name',
  'it stores security descriptors and does not enforce them',
  async (t) => {
    const name = uniqueName(t)
    // The local system alone. Its owner may still ask who may.
    await listening(t, name, { securityDescriptor: 'D:P(A;;FA;;;SY)' })
    await rejectsWith(t, 'EPERM', () => connect(name), 'connect')
  },
)

test('an allow that lets this user in lets more than one client in', async (t) => {
  for (const allow of [OWN, [OWN], 'sameUser', 'anyone'] as const) {
    const name = uniqueName(t)
    const listener = await listening(t, name, { allow })
    for (let count = 0; count < 5; count += 1) {
      await connected(t, name)
      await accepted(t, listener)
    }
  }
  t.pass()
})

test('descriptors can not be listened on, and none is passed by a service manager', async (t) => {
  const error = await rejection(() => listen({ fd: 3 }), 'listen')
  t.truthy(error.code, error.message)
  t.truthy(thrown(() => activated(), 'activated').code)
})
