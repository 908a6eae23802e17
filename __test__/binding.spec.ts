import { fileURLToPath } from 'node:url'

import test from 'ava'

import type { Failure } from './helpers/failures.js'
import { uniqueName } from './helpers/names.js'
import { NOBODY_LISTENS, windows } from './helpers/platform.js'
import { start, startProgram } from './helpers/process.js'
import { unixTest } from './helpers/tests.js'

/** How the JavaScript thread can be woken on this system. */
const WAKES = windows ? ['thread'] : ['uv', 'thread']

test('an unknown LOCAL_SOCKET_WAKE is refused by the first call, with the known values', async (t) => {
  const program = startProgram(t, 'report-failure', [uniqueName(t)], {
    env: { LOCAL_SOCKET_WAKE: 'magic' },
  })
  for (const call of ['connect', 'listen']) {
    const error = await program.message<Failure>(`how ${call} failed`)
    t.is(error.code, 'ERR_LOCAL_SOCKET_WAKE')
    for (const word of ['LOCAL_SOCKET_WAKE', 'magic', ...WAKES]) {
      t.true(error.message.includes(word), error.message)
    }
  }
  t.is((await program.exit()).code, 0, program.stderr)
})

for (const wake of [...WAKES, '']) {
  test(`LOCAL_SOCKET_WAKE=${wake} works`, async (t) => {
    const program = startProgram(t, 'report-failure', [uniqueName(t)], {
      env: { LOCAL_SOCKET_WAKE: wake },
    })
    t.is((await program.message<Failure>('how connect failed')).code, NOBODY_LISTENS)
    t.is((await program.message<Failure>('that listen worked')).code, 'none')
    t.is((await program.exit()).code, 0, program.stderr)
  })
}

test('importing the package does not keep the process alive', async (t) => {
  const program = start(t, process.execPath, [
    '--input-type=module',
    '--eval',
    `await import(${JSON.stringify(import.meta.resolve('local-socket'))})
     console.log('imported')`,
  ])
  t.is(await program.line('the import'), 'imported')
  t.is((await program.exit()).code, 0, program.stderr)
})

unixTest('importing the package opens nothing', async (t) => {
  const program = start(t, process.execPath, [
    '--input-type=module',
    '--eval',
    `import { readdirSync } from 'node:fs'
     const before = readdirSync('/dev/fd').length
     await import(${JSON.stringify(import.meta.resolve('local-socket'))})
     console.log(readdirSync('/dev/fd').length - before)`,
  ])
  t.is(await program.line('the number of descriptors'), '0')
})

test('the package can also be loaded with require', async (t) => {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  const flags = major > 22 || (major === 22 && minor >= 12) ? [] : ['--experimental-require-module']
  const program = start(t, process.execPath, [
    ...flags,
    '--eval',
    `const { connect, listen } = require(${JSON.stringify(
      fileURLToPath(import.meta.resolve('local-socket')),
    )}); console.log(typeof connect, typeof listen)`,
  ])
  t.is(await program.line('the types of the exports'), 'function function', program.stderr)
})
