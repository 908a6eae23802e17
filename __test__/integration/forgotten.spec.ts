import test, { type ExecutionContext } from 'ava'
import { connect, type Stream } from 'local-socket'

import { uniqueName } from '../helpers/names.js'
import { accepted, connected, listening, readAll } from '../helpers/pair.js'
import { NOBODY_LISTENS } from '../helpers/platform.js'
import { startProgram, type Program } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const WARNING = { warning: 'LocalSocketWarning', code: 'LOCAL_SOCKET_FORGOTTEN' }
const SETTLED = { settled: true }

test.serial(
  'a forgotten stream is closed with a process warning and its peer sees the end',
  async (t) => {
    const { program, stream } = await withStream(t, 'stream')
    t.deepEqual(await program.message('the warning'), WARNING)
    t.deepEqual(await program.message('the end of the scenario'), SETTLED)
    t.is(await within(stream.read(), PATIENCE_MS, 'the end'), null)
    t.deepEqual(await program.exit(), { code: 0, signal: null })
  },
)

test.serial('a stream forgotten after use is closed too', async (t) => {
  const { program, stream } = await withStream(t, 'stream that had read and written')
  await stream.write('y')
  t.deepEqual(await program.message('the warning'), WARNING)
  t.is((await readAll(stream)).length, 1)
})

test.serial(
  'a forgotten listener is closed with a process warning and gives its name back',
  async (t) => {
    const name = uniqueName(t)
    const program = collecting(t, 'listener', name)
    t.deepEqual(await program.message('the warning'), WARNING)
    t.deepEqual(await program.message('the end of the scenario'), SETTLED)
    await t.throwsAsync(within(connect(name), PATIENCE_MS, 'the refusal'), { code: NOBODY_LISTENS })
    t.deepEqual(await program.exit(), { code: 0, signal: null })
  },
)

for (const scenario of ['a read that waits', 'an iteration that waits', 'a half in use']) {
  test.serial(`a stream is not collected for ${scenario}`, async (t) => {
    const { program, stream } = await withStream(t, scenario)
    t.deepEqual(await program.message('fifty collections'), SETTLED)
    await stream.write('still here')
    t.deepEqual(await program.message('what it read'), { read: 'still here' })
  })
}

test.serial('a listener is not collected for an accept that waits', async (t) => {
  const name = uniqueName(t)
  const program = collecting(t, 'accept that waits', name)
  t.deepEqual(await program.message('fifty collections'), SETTLED)
  await connected(t, name)
  t.deepEqual(await program.message('what it accepted'), { accepted: true })
})

test.serial('a stream is not collected while bytes of it are unsent', async (t) => {
  const { program, stream } = await withStream(t, 'write that waits')
  t.deepEqual(await program.message('fifty collections'), SETTLED)
  const chunks = await within(stream.readExact(8 * 1_048_576), PATIENCE_MS, 'all 8 MiB')
  t.is(chunks.byteLength, 8 * 1_048_576)
})

test.serial('collecting closed streams leaves those that came after them alone', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = collecting(t, 'closed stream whose place another took', name)
  for (const which of ['the closed', 'the destroyed']) {
    const gone = await accepted(t, listener)
    t.is(await within(gone.read(), PATIENCE_MS, `the end of ${which} one`), null)
  }
  const stream = await accepted(t, listener)
  t.deepEqual(await program.message('fifty collections'), SETTLED)
  await stream.write('still here')
  t.deepEqual(await program.message('what it read'), { read: 'still here' })
})

function collecting(t: ExecutionContext, scenario: string, name: string): Program {
  return startProgram(t, 'forgotten', [scenario, name], { execArgv: ['--expose-gc'] })
}

async function withStream(
  t: ExecutionContext,
  scenario: string,
): Promise<{ program: Program; stream: Stream }> {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = collecting(t, scenario, name)
  return { program, stream: await accepted(t, listener) }
}
