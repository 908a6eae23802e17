import { join } from 'node:path'

import test from 'ava'

import { PIPES, uniqueFolder, uniqueName } from '../helpers/names.js'
import { windows, wine } from '../helpers/platform.js'
import { startProgram } from '../helpers/process.js'

/** Wine takes its time to start a thread. */
const ROUNDS = wine ? 20 : 200
const LONG_MS = 300_000

interface Outcome {
  readonly rounds: number
  readonly exits: Readonly<Record<string, number>>
  readonly errors: Readonly<Record<string, number>>
  readonly descriptors: number
  readonly paths: number
}

const VARIANTS = {
  terminate: { title: 'being terminated', code: 1, errors: {} },
  exit: { title: 'process.exit', code: 3, errors: {} },
  'exit in a callback': { title: 'process.exit where a read continues', code: 3, errors: {} },
  'throw in a callback': {
    title: 'an error where a read continues',
    code: 1,
    errors: { 'on purpose': ROUNDS * 2 },
  },
}

// One at a time: each keeps the machine busy with three threads.
for (const [variant, { title, code, errors }] of Object.entries(VARIANTS)) {
  test.serial(`${ROUNDS} times two workers end by ${title} with I/O under way`, async (t) => {
    t.timeout(2 * LONG_MS)
    const prefix = windows ? `${PIPES}${uniqueName(t)}` : join(uniqueFolder(t), 'own')
    const program = startProgram(t, 'worker-rounds', [variant, String(ROUNDS), prefix])
    const outcome = await program.message<Outcome>('the last round', LONG_MS)
    t.is(outcome.rounds, ROUNDS)
    t.deepEqual(outcome.exits, { [code]: ROUNDS * 2 })
    t.deepEqual(outcome.errors, errors)
    // Pipes of a worker's stdio may still be closing; a leak would lose thousands.
    t.true(outcome.descriptors < 50, `${outcome.descriptors} descriptors were lost`)
    t.is(outcome.paths, 0, 'their listeners gave their paths back')
    t.deepEqual(await program.exit(), { code: 0, signal: null }, program.stderr)
  })
}
