/** Options of `listen` about names and peers, and `server` of `connect`: what they refuse. */
import { existsSync } from 'node:fs'

import test from 'ava'
import { connect, listen } from 'local-socket'

import { rejection, show, wrong } from './helpers/failures.js'
import { isTaken, uniqueName, uniquePath } from './helpers/names.js'
import { listening } from './helpers/pair.js'
import { windows } from './helpers/platform.js'
import { linuxTest, unixTest } from './helpers/tests.js'

const SWITCHES = ['overwrite', 'keepName', 'createFolders', 'checkFolders'] as const
const COUNTS = ['maxConnections', 'maxConnectionsPerUser'] as const
const NOT_A_NUMBER: readonly unknown[] = [null, '5', 5n, true, {}, [], Symbol('x'), () => 5]
const NOT_A_BOOLEAN: readonly unknown[] = [null, 'true', 1, 0, {}, [], Symbol('x')]
const NOT_A_WAY: readonly unknown[] = [null, true, 'keep', 'Reclaim', 5, {}, ['fail']]
const NOT_A_RULE: readonly unknown[] = [
  null,
  true,
  5,
  5n,
  'same-user',
  'root',
  Symbol('x'),
  {},
  ...(windows
    ? [{ sid: 0 }, { sid: undefined }, { sid: null }, { sid: ['S-1-5-18'] }]
    : [{ uid: '0' }, { uid: undefined }, { gid: null }, { uid: [0] }]),
  ['anyone', 'root'],
  [['sameUser']],
  [() => true],
  [undefined],
]

for (const [option, open] of [
  ['allow', (value: unknown) => listen('never.sock', { allow: wrong(value) })],
  ['server', (value: unknown) => connect('never.sock', { server: wrong(value) })],
] as const) {
  test(`a value of ${option} that is no rule is refused, and told what would be`, async (t) => {
    for (const value of NOT_A_RULE) {
      const error = await rejection(() => open(value), `${option}: ${show(value)}`)
      t.is(error.code, 'ERR_INVALID_ARG_TYPE', `${show(value)}: ${error.message}`)
      t.true(error.message.includes(option), error.message)
    }
    for (const [rule, part] of [
      [{ uid: 1, gid: 1 }, 'function'],
      [windows ? { uid: 1 } : { sid: 'S-1-5-18' }, 'sid'],
      [['sameUser', { user: 'root' }], 'user'],
    ] as const) {
      const error = await rejection(() => open(rule), `${option}: ${show(rule)}`)
      t.is(error.code, 'ERR_INVALID_ARG_VALUE', error.message)
      t.true(error.message.includes(part), error.message)
    }
  })

  unixTest(`an id of ${option} that no user and no group can have is refused`, async (t) => {
    for (const id of [-1, 1.5, Number.NaN, Infinity, 2 ** 32 - 1, 2 ** 53]) {
      for (const rule of [{ uid: id }, [{ gid: id }]]) {
        const error = await rejection(() => open(rule), `${option} of ${id}`)
        t.is(error.code, 'ERR_OUT_OF_RANGE', error.message)
      }
    }
  })
}

async function refused(
  options: Record<string, unknown>,
  code: string,
  name: string,
): Promise<string> {
  const error = await rejection(() => listen(name, wrong(options)), show(options))
  if (error.code !== code) throw new Error(`${error.code} instead of ${code}: ${error.message}`)
  return error.message
}

test('a switch of listen that is no boolean is refused by name', async (t) => {
  for (const option of SWITCHES) {
    for (const value of NOT_A_BOOLEAN) {
      const message = await refused({ [option]: value }, 'ERR_INVALID_ARG_TYPE', uniquePath(t))
      t.true(message.includes(`option ${option} of listen`), message)
    }
  }
})

test("a stale that is neither 'reclaim' nor 'fail' is refused", async (t) => {
  for (const stale of NOT_A_WAY) {
    const message = await refused({ stale }, 'ERR_INVALID_ARG_TYPE', uniquePath(t))
    t.true(message.includes("'reclaim'") && message.includes("'fail'"), message)
  }
})

test('a mode that is no set of permissions is refused', async (t) => {
  for (const mode of [...NOT_A_NUMBER, '0600']) {
    await refused({ mode }, 'ERR_INVALID_ARG_TYPE', uniquePath(t))
  }
  for (const mode of [-1, 0o1000, 0o100600, 1.5, Number.NaN, Infinity]) {
    const message = await refused({ mode }, 'ERR_OUT_OF_RANGE', uniquePath(t))
    t.true(message.includes(String(mode)) && message.includes('0o777'), message)
  }
})

test('a limit that would let nobody in, or is no number of connections, is refused', async (t) => {
  for (const option of COUNTS) {
    for (const value of NOT_A_NUMBER) {
      await refused({ [option]: value }, 'ERR_INVALID_ARG_TYPE', uniquePath(t))
    }
    for (const value of [0, -1, 1.5, Number.NaN, Infinity, 2 ** 31]) {
      const message = await refused({ [option]: value }, 'ERR_OUT_OF_RANGE', uniquePath(t))
      t.true(message.includes(`option ${option} of listen`), message)
    }
  }
})

linuxTest('what is about files is refused for an abstract name, and told what to do', async (t) => {
  const asked = [{ mode: 0o600 }, ...SWITCHES.map((option) => ({ [option]: true }))]
  for (const options of asked) {
    const name = uniqueName(t)
    const [option = ''] = Object.keys(options)
    const message = await refused(options, 'ERR_INVALID_ARG_VALUE', name)
    for (const part of [option, `@${name}`, 'path']) t.true(message.includes(part), message)
    await listening(t, name)
  }
  t.true((await refused({ mode: 0o600 }, 'ERR_INVALID_ARG_VALUE', uniqueName(t))).includes('allow'))
})

test('every option that is off, absent or without effect is taken for any name', async (t) => {
  const off = Object.fromEntries(SWITCHES.map((option) => [option, false]))
  for (const name of [uniqueName(t), uniquePath(t)]) {
    await listening(t, name, { ...off, stale: 'reclaim', mode: undefined, allow: undefined })
  }
  await listening(t, uniqueName(t), { stale: 'fail', maxConnections: undefined })
  t.pass()
})

test('a wrong option is refused before the name is taken', async (t) => {
  const path = uniquePath(t)
  await refused({ maxConnections: 0 }, 'ERR_OUT_OF_RANGE', path)
  t.false(await isTaken(path))
})

unixTest('a wrong option is refused before folders are made', async (t) => {
  const path = `${uniquePath(t)}/sub/x.sock`
  await refused({ createFolders: true, mode: 0o1000 }, 'ERR_OUT_OF_RANGE', path)
  t.false(existsSync(path))
})
