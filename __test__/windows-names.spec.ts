import { connect as netConnect } from 'node:net'
import { inspect } from 'node:util'

import test from 'ava'
import {
  AbstractNsUdSocket,
  FilesystemUdSocket,
  GenericFilePath,
  GenericNamespaced,
  connect,
  listen,
  toFsName,
  toNsName,
} from 'local-socket'

import { rejection, rejectsWith, thrown, throwsWith } from './helpers/failures.js'
import { PIPES, uniqueName, uniquePath } from './helpers/names.js'
import { accepted, connected, listening } from './helpers/pair.js'

/** Of the whole path, in UTF-16 code units (MSDN, "Pipe Names"). */
const LIMIT = 256

test('a path name is the path of a pipe, as it was written', (t) => {
  const name = toFsName(`${PIPES}app`, GenericFilePath)
  t.is(name.kind, 'path')
  t.is(name.toString(), `${PIPES}app`)
  t.is(name.toNetPath(), `${PIPES}app`)
  t.is(inspect(name), `Name(${PIPES}app)`)
})

test('a namespaced name is a pipe of that name', (t) => {
  const name = toNsName('my-app.sock', GenericNamespaced)
  t.is(name.kind, 'namespaced')
  t.is(name.toString(), `${PIPES}my-app.sock`)
  t.is(name.toNetPath(), `${PIPES}my-app.sock`)
})

test('a bare word and the path of its pipe reach the same listener, as net does by toNetPath', async (t) => {
  const word = uniqueName(t)
  const listener = await listening(t, word)
  t.is(listener.name.kind, 'namespaced')
  await connected(t, `${PIPES}${word}`)
  await accepted(t, listener)
  const socket = netConnect(listener.name.toNetPath())
  t.teardown(() => socket.destroy())
  await accepted(t, listener)
})

test('case and the direction of slashes make no difference', async (t) => {
  const word = uniqueName(t)
  const listener = await listening(t, word)
  for (const path of [
    `\\\\.\\PIPE\\${word}`,
    `\\\\.\\Pipe\\${word.toUpperCase()}`,
    `//./pipe/${word}`,
    `//./PIPE/${word}`,
    `\\\\.\\pipe/${word}`,
    `\\\\?\\pipe\\${word}`,
  ]) {
    await connected(t, path)
    await accepted(t, listener)
    const socket = netConnect(toFsName(path, GenericFilePath).toNetPath())
    t.teardown(() => socket.destroy())
    await accepted(t, listener)
    t.pass()
  }
})

for (const path of [
  './x.sock',
  '../x.sock',
  '/x.sock',
  'C:\\x.sock',
  'c:/x.sock',
  '\\\\host\\pipe\\x',
  '\\\\127.0.0.1\\pipe\\x',
  '//host/pipe/x',
  '\\\\.\\pip\\x',
  '\\\\.\\x',
  '\\\\?\\C:\\x',
  '\\\\longhost\\x',
  '\\\\',
]) {
  test(`the path ${path} is refused where it is made, since it is no pipe's on this machine`, async (t) => {
    for (const error of [
      thrown(() => toFsName(path, GenericFilePath), 'toFsName'),
      await rejection(() => listen(path), 'listen'),
      await rejection(() => connect(path), 'connect'),
    ]) {
      t.truthy(error.code, error.message)
      t.true(error.message.includes(PIPES), error.message)
    }
  })
}

test('a path without a name of a pipe is refused', async (t) => {
  for (const path of [PIPES, '//./pipe/', '\\\\.\\pipe']) {
    t.truthy(thrown(() => toFsName(path, GenericFilePath), path).code)
    t.truthy((await rejection(() => listen(path), path)).code)
  }
})

test('what the system would change in a name is refused', async (t) => {
  for (const id of ['x.', 'x ', '.', '..']) {
    for (const call of [
      () => toNsName(id, GenericNamespaced),
      () => toFsName(`${PIPES}${id}`, GenericFilePath),
      () => toFsName(`${PIPES}a\\${id}\\b`, GenericFilePath),
    ]) {
      t.truthy(thrown(call, id).code)
    }
  }
  for (const id of ['a/b', 'a\\b', '/a', 'a/']) {
    t.truthy(thrown(() => toNsName(id, GenericNamespaced), id).code)
  }
  const deep = `${uniquePath(t)}\\deep\\er`
  const listener = await listening(t, deep)
  await connected(t, deep.replaceAll('\\', '/'))
  await accepted(t, listener)
})

test('name types of other systems are refused with ENOTSUP', (t) => {
  throwsWith(t, 'ENOTSUP', () => toFsName(`${PIPES}x`, FilesystemUdSocket), 'FilesystemUdSocket')
  throwsWith(t, 'ENOTSUP', () => toNsName('x', AbstractNsUdSocket), 'AbstractNsUdSocket')
})

test('the longest name works, and one character more is an error with the limit in it', async (t) => {
  const word = uniqueName(t)
  const longestWord = word.padEnd(LIMIT - PIPES.length, 'x')
  const longestPath = uniquePath(t).padEnd(LIMIT, 'y')
  for (const [name, limit] of [
    [longestWord, LIMIT - PIPES.length],
    [longestPath, LIMIT],
  ] as const) {
    const listener = await listening(t, name)
    await connected(t, name)
    await accepted(t, listener)
    for (const open of [() => listen(`${name}z`), () => connect(`${name}z`)]) {
      const error = await rejectsWith(t, 'ENAMETOOLONG', open, 'a character too many')
      t.true(error.message.includes(String(limit)), error.message)
    }
  }
  throwsWith(t, 'ENAMETOOLONG', () => toNsName(`${longestWord}z`, GenericNamespaced), 'toNsName')
  throwsWith(t, 'ENAMETOOLONG', () => toFsName(`${longestPath}z`, GenericFilePath), 'toFsName')
})

test('names in other scripts work', async (t) => {
  const name = `${uniqueName(t)}-größe-ソケット-🧦`
  const listener = await listening(t, name)
  t.is(listener.name.toNetPath(), `${PIPES}${name}`)
  await connected(t, name)
  await accepted(t, listener)
})
