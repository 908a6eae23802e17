import { inspect } from 'node:util'

import test from 'ava'
import {
  AbstractNsUdSocket,
  FilesystemUdSocket,
  GenericFilePath,
  GenericNamespaced,
  LocalSocketError,
  Name,
  connect,
  listen,
  toFsName,
  toNsName,
} from 'local-socket'

import { rejectsWith, show, throwsWith, wrong } from './helpers/failures.js'
import { PIPES, uniqueFolder, uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, listening } from './helpers/pair.js'
import { linux, windows } from './helpers/platform.js'
import { linuxTest, unixSerial, unixTest } from './helpers/tests.js'

/** `sun_path` without its terminator; the abstract namespace's leading NUL takes as much. */
const LIMIT = linux ? 107 : 103

/** A path that could be a socket's on this system. */
const PATH = windows ? `${PIPES}x.sock` : './x.sock'

unixTest('a path name tells its kind, the path for people and the path for node:net', (t) => {
  const name = toFsName('/run/user/1000/app.sock', GenericFilePath)
  t.is(name.kind, 'path')
  t.is(name.toString(), '/run/user/1000/app.sock')
  t.is(`${name}`, '/run/user/1000/app.sock')
  t.is(name.toNetPath(), '/run/user/1000/app.sock')
  t.true(name instanceof Name)
})

unixTest('a path stays as it was written, relative or with spaces and other scripts in it', (t) => {
  for (const path of ['./a b.sock', '../x', 'plain', 'folder/x.sock', './größe-ソケット']) {
    t.is(toFsName(path, GenericFilePath).toString(), path)
    t.is(toFsName(path, GenericFilePath).toNetPath(), path)
  }
})

linuxTest('a namespaced name is @id for people and NUL-id for node:net', (t) => {
  const name = toNsName('my-app.sock', GenericNamespaced)
  t.is(name.kind, 'namespaced')
  t.is(name.toString(), '@my-app.sock')
  t.is(name.toNetPath(), '\0my-app.sock')
})

linuxTest('the OS-specific name types name the same sockets as the generic ones', (t) => {
  t.is(toFsName('./x.sock', FilesystemUdSocket).toNetPath(), './x.sock')
  t.is(toFsName('./x.sock', FilesystemUdSocket).kind, 'path')
  t.is(toNsName('x.sock', AbstractNsUdSocket).toNetPath(), '\0x.sock')
  t.is(toNsName('x.sock', AbstractNsUdSocket).kind, 'namespaced')
})

linuxTest('an explicit namespaced name may hold what the string rule refuses', (t) => {
  for (const id of ['a/b', '@x', 'unix:x', './x', 'C:\\x', 'a b', 'größe']) {
    t.is(toNsName(id, GenericNamespaced).toNetPath(), `\0${id}`)
    t.is(toNsName(id, GenericNamespaced).kind, 'namespaced')
  }
})

test('a bare word is namespaced and a string that starts as a path is a path', async (t) => {
  const word = uniqueName(t)
  const listener = await listening(t, word)
  t.is(listener.name.kind, 'namespaced')
  t.is(listener.name.toNetPath(), toNsName(word, GenericNamespaced).toNetPath())

  const path = uniquePath(t)
  const byPath = await listening(t, path)
  t.is(byPath.name.kind, 'path')
  t.is(byPath.name.toString(), path)
})

unixSerial('./x and ../x are paths from the current folder', async (t) => {
  const folder = uniqueFolder(t)
  const before = process.cwd()
  t.teardown(() => process.chdir(before))
  process.chdir(folder)
  const here = await listening(t, './here.sock')
  t.is(here.name.kind, 'path')
  t.is(here.name.toString(), './here.sock')
  await connected(t, `${folder}/here.sock`)

  const above = await listening(t, `../${folder.split('/').at(-1)}/above.sock`)
  t.is(above.name.kind, 'path')
  await connected(t, `${folder}/above.sock`)
})

test('a string and the Name it stands for reach the same listener', async (t) => {
  const word = uniqueName(t)
  const listener = await listening(t, word)
  await connected(t, word)
  const stream = await connect(toNsName(word, GenericNamespaced))
  t.teardown(() => stream.destroy())
  const again = await connect(listener.name)
  t.teardown(() => again.destroy())
  for (let count = 0; count < 3; count += 1) await accepted(t, listener)
  t.pass()
})

test('a listener takes a Name and gives back an equal one', async (t) => {
  const name = toFsName(uniquePath(t), GenericFilePath)
  const listener = await listen(name)
  t.teardown(() => listener.close())
  t.is(listener.name.toString(), name.toString())
  t.is(listener.name.kind, 'path')
})

const refusals: readonly (readonly [why: string, name: string, advice: RegExp])[] = [
  ['is empty', '', /empty/i],
  ['has a slash but does not start as a path', 'a/b', windows ? /pipe/ : /\.\/a\/b/],
  ['ends with a slash', 'a/', windows ? /pipe/ : /\.\/a\//],
  ['has a backslash but does not start as a path', 'a\\b', windows ? /pipe/ : /toNsName|\.\//],
  ['has a leading @', '@app', /toNsName|without|'app'|"app"/],
  ['has unix: in front', 'unix:/run/app.sock', /\/run\/app\.sock|unix:/],
  ['has a NUL in front', '\0app', /NUL|\\0/i],
  ['has a NUL inside', 'a\0b', /NUL|\\0/i],
  ['has a NUL inside a path', `${PATH}\0b`, /NUL|\\0/i],
  ['is not well-formed Unicode', 'a\ud800b', /Unicode|surrogate/i],
  ['is a path that is not well-formed Unicode', `${PATH}\udc00`, /Unicode|surrogate/i],
]

for (const [why, name, advice] of refusals) {
  test(`a string that ${why} is refused with what to write instead`, async (t) => {
    for (const [what, call] of [
      ['listen', () => listen(name)],
      ['connect', () => connect(name)],
    ] as const) {
      const error = await rejectsWith(t, 'ERR_INVALID_ARG_VALUE', call, `${what}(${show(name)})`)
      t.true(error instanceof TypeError)
      t.regex(error.message, advice)
    }
  })
}

test('a name of another type is refused by every function that takes one', async (t) => {
  const values = [
    undefined,
    null,
    5,
    5n,
    true,
    {},
    [],
    ['x'],
    Symbol('x'),
    () => 'x',
    Buffer.from('x'),
  ]
  for (const value of values) {
    const what = show(value)
    for (const call of [() => listen(wrong(value)), () => connect(wrong(value))]) {
      const error = await rejectsWith(t, 'ERR_INVALID_ARG_TYPE', call, what)
      t.true(error instanceof TypeError)
    }
    for (const call of [
      () => toFsName(wrong(value), GenericFilePath),
      () => toNsName(wrong(value), GenericNamespaced),
    ]) {
      t.true(throwsWith(t, 'ERR_INVALID_ARG_TYPE', call, what) instanceof TypeError)
    }
  }
})

test('an explicit name that is empty, holds a NUL or broken Unicode is refused where it is made', (t) => {
  for (const text of ['', '\0x', 'a\0b', 'x\0', 'a\ud800b']) {
    const what = JSON.stringify(text)
    t.true(
      throwsWith(t, 'ERR_INVALID_ARG_VALUE', () => toFsName(text, GenericFilePath), what) instanceof
        TypeError,
    )
    t.true(
      throwsWith(
        t,
        'ERR_INVALID_ARG_VALUE',
        () => toNsName(text, GenericNamespaced),
        what,
      ) instanceof TypeError,
    )
  }
})

test('a name type that does not fit is refused', (t) => {
  const refused = (operation: () => unknown, what: string): void => {
    t.true(throwsWith(t, 'ERR_INVALID_ARG_TYPE', operation, what) instanceof TypeError)
  }
  const types: unknown[] = [undefined, null, 'GenericFilePath', {}, 5]
  for (const type of types) {
    refused(() => toFsName('./x', wrong(type)), show(type))
    refused(() => toNsName('x', wrong(type)), show(type))
  }
  refused(() => toFsName('./x', wrong(GenericNamespaced)), 'a path as a namespaced name')
  refused(() => toNsName('x', wrong(GenericFilePath)), 'a namespaced name as a path')
})

unixTest(
  'the longest path works, and one byte more is an error with the limit in it',
  async (t) => {
    const folder = uniqueFolder(t)
    // On Linux a path may be longer than the system's limit, its last part not.
    const longest = linux
      ? `${folder}/${'x'.repeat(LIMIT)}`
      : `${folder}/${'x'.repeat(LIMIT - folder.length - 1)}`
    const listener = await listening(t, longest)
    await connected(t, longest)
    await accepted(t, listener)

    const tooLong = `${longest}y`
    for (const call of [() => listen(tooLong), () => connect(tooLong)]) {
      const error = await rejectsWith(t, 'ENAMETOOLONG', call, 'a path of one byte too many')
      t.true(error instanceof LocalSocketError)
      t.true(error.message.includes(String(LIMIT)), error.message)
      t.is(error.address, tooLong)
    }
    throwsWith(t, 'ENAMETOOLONG', () => toFsName(tooLong, GenericFilePath), 'toFsName')
  },
)

linuxTest(
  'the longest namespaced name works, and one byte more is an error with the limit',
  async (t) => {
    const word = uniqueName(t)
    const longest = `${word}${'x'.repeat(LIMIT - word.length)}`
    const listener = await listening(t, longest)
    await connected(t, longest)
    await accepted(t, listener)

    const error = await rejectsWith(
      t,
      'ENAMETOOLONG',
      () => connect(`${longest}y`),
      'too long a word',
    )
    t.true(error.message.includes(String(LIMIT)), error.message)
    throwsWith(t, 'ENAMETOOLONG', () => toNsName(`${longest}y`, GenericNamespaced), 'toNsName')
  },
)

unixTest('the limit counts bytes of UTF-8 rather than characters', async (t) => {
  const folder = uniqueFolder(t)
  const path = `${folder}/${'ü'.repeat(Math.ceil(LIMIT / 2))}`
  t.true(path.length < LIMIT)
  await rejectsWith(t, 'ENAMETOOLONG', () => listen(path), 'a path of two-byte characters')
})

linuxTest('a Name shows in a log as what it names, also within a listener', async (t) => {
  const name = toFsName('./x.sock', GenericFilePath)
  t.is(inspect(name), 'Name(./x.sock)')
  const word = uniqueName(t)
  const listener = await listen(word)
  t.true(inspect(listener).includes(`Name(@${word})`), inspect(listener))
  await listener.close()
})

test('a Name can not be made with new nor forged as an object', async (t) => {
  t.throws(() => Reflect.construct(Name, ['path', './x']), { instanceOf: TypeError })
  const forged = { kind: 'path', toString: () => './x', toNetPath: () => './x' }
  await rejectsWith(t, 'ERR_INVALID_ARG_TYPE', () => connect(wrong(forged)), 'a forged name')
  const inherited: unknown = Object.create(Name.prototype)
  const error = await t.throwsAsync(connect(wrong(inherited)))
  t.true(error instanceof TypeError)
})

test('a Name can not be changed after it was checked', (t) => {
  const name = toFsName(PATH, GenericFilePath)
  t.throws(() => Object.assign(name, { kind: 'namespaced' }), { instanceOf: TypeError })
  t.is(name.kind, 'path')
})
