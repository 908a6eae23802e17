import { setTimeout as delay } from 'node:timers/promises'

import test, { type ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'

import { uniqueName } from '../helpers/names.js'
import { accepted, connected, listening } from '../helpers/pair.js'
import { startProgram, type Program } from '../helpers/process.js'

const ENDS = [
  'nothing opened',
  'an unreferenced listener',
  'an unreferenced listener that accepts',
  'a listener referenced again and unreferenced',
  'a closed listener',
  'a listener closed by its signal',
  'a worker thread with an unreferenced listener',
  'a connect that failed',
  'a connect that timed out',
]

const ENDS_WITH_STREAM = [
  'an unreferenced stream',
  'an unreferenced stream that reads',
  'an unreferenced stream that reads with a timeout',
  'an unreferenced stream that waits for room',
  'a closed stream',
  'a destroyed stream',
  'a closed stream that had been unreferenced',
  'a stream closed with a read pending',
]

for (const scenario of ENDS) {
  test.serial(`${scenario} lets the process end by itself`, async (t) => {
    const program = startProgram(t, 'alive', [scenario, uniqueName(t)])
    await ready(program)
    await ends(t, program)
  })
}

for (const scenario of ENDS_WITH_STREAM) {
  test.serial(`${scenario} lets the process end by itself`, async (t) => {
    const { program } = await withStream(t, scenario)
    await ends(t, program)
  })
}

for (const scenario of [
  'a referenced listener',
  'a listener referenced again',
  'a referenced listener beside an unreferenced one',
  'a referenced listener that outlives an unreferenced one',
]) {
  test.serial(`${scenario} keeps the process alive until it is closed`, async (t) => {
    const name = uniqueName(t)
    const program = startProgram(t, 'alive', [scenario, name])
    await ready(program)
    await staysAlive(t, program)
    await connected(t, name)
    program.tell('close')
    await ends(t, program)
  })
}

test.serial(
  'a listener that accepts keeps the process alive until somebody connects',
  async (t) => {
    const name = uniqueName(t)
    const program = startProgram(t, 'alive', ['a listener that accepts', name])
    await ready(program)
    await staysAlive(t, program)
    await connected(t, name)
    await ends(t, program)
  },
)

for (const scenario of ['a stream that reads', 'a stream of which one half is in use']) {
  test.serial(`${scenario} keeps the process alive until it is closed`, async (t) => {
    const { program, stream } = await withStream(t, scenario)
    await staysAlive(t, program)
    await stream.write('go')
    await ends(t, program)
  })
}

for (const scenario of ['a stream that nobody uses', 'a stream referenced again']) {
  test.serial(`${scenario} keeps the process alive until it is closed`, async (t) => {
    const { program } = await withStream(t, scenario)
    await staysAlive(t, program)
    program.tell('close')
    await ends(t, program)
  })
}

test.serial('a connect that waits for its server keeps the process alive', async (t) => {
  const name = uniqueName(t)
  const program = startProgram(t, 'alive', ['a connect that waits for its server', name])
  await ready(program)
  await staysAlive(t, program)
  const listener = await listening(t, name)
  await accepted(t, listener)
  await ends(t, program)
})

async function withStream(
  t: ExecutionContext,
  scenario: string,
): Promise<{ program: Program; stream: Stream }> {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'alive', [scenario, name])
  const stream = await accepted(t, listener)
  await ready(program)
  return { program, stream }
}

async function ready(program: Program): Promise<void> {
  const message = await program.message<{ ready?: boolean }>('ready')
  if (message.ready !== true) throw new Error(`ran idle before it was ready`)
}

/** That something does not happen can only be watched for a while. */
async function staysAlive(t: ExecutionContext, program: Program): Promise<void> {
  await delay(400)
  t.deepEqual(program.rest(), [], 'the loop ran empty')
}

/** Once all is closed the loop runs empty, and that ends the process. */
async function ends(t: ExecutionContext, program: Program): Promise<void> {
  t.deepEqual(await program.exit(), { code: 0, signal: null })
  t.deepEqual(program.rest(), ['{"idle":true}'])
}
