import { join } from 'node:path'

import test from 'ava'

import { PIPES, uniqueFolder, uniqueName } from '../helpers/names.js'
import { windows, wine } from '../helpers/platform.js'
import { startProgram } from '../helpers/process.js'

/** Wine takes its time to start a thread. */
const ROUNDS = wine ? 10 : 30
const LONG_MS = 120_000

// Node unloads an addon when the last thread that loaded it has ended, which here is each round.
test.serial('a program whose workers alone use the package outlives all of them', async (t) => {
  t.timeout(2 * LONG_MS)
  const prefix = windows ? `${PIPES}${uniqueName(t)}` : join(uniqueFolder(t), 'v')
  const program = startProgram(t, 'visited', [String(ROUNDS), prefix])
  const said = await program.message<{ exits: Record<string, number> }>('the last round', LONG_MS)
  t.deepEqual(said, { exits: { 0: ROUNDS, 1: ROUNDS } })
  t.deepEqual(await program.exit(), { code: 0, signal: null }, program.stderr)
})
