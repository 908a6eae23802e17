import test, { type ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'

import { bytes, sha256 } from '../helpers/checksum.js'
import { isTaken, uniqueName, uniquePath } from '../helpers/names.js'
import { NumberedCheck } from '../helpers/numbered.js'
import { accepted, listening, readAll } from '../helpers/pair.js'
import { startProgram, type Program } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const THREE = {
  length: 60_000,
  digest: sha256(bytes(20_000, 0), bytes(20_000, 1), bytes(20_000, 2)),
}

for (const scenario of [
  'writes nobody waited for',
  'corked writes',
  'writes and an end nobody waited for',
  'writes and a close nobody waited for',
]) {
  test.serial(`process.exit sends ${scenario} and keeps its code`, async (t) => {
    const { program, stream, path } = await started(t, scenario)
    t.deepEqual(await readAll(stream), THREE)
    await endedBy(t, program, path, 7)
  })
}

test.serial('process.exit sends as much as there is room for of a write that waits', async (t) => {
  const { program, stream, path } = await started(t, 'a write that waits for room')
  const { written } = await program.message<{ written: number }>('the write')
  const check = new NumberedCheck()
  check.add(await within(stream.readExact(written), PATIENCE_MS, 'what had gone before'))
  program.tell('there is room')
  const drain = async (): Promise<void> => {
    for await (const chunk of stream) check.add(chunk)
  }
  await within(drain(), PATIENCE_MS, 'the end')
  t.true(check.length > written, `${check.length} bytes, ${written} before the exit`)
  await endedBy(t, program, path, 7)
})

test.serial(
  'process.exit where a read continues is no crash and sends what was written',
  async (t) => {
    const { program, stream, path } = await started(t, 'process.exit where a read continues')
    await program.message('its read')
    await stream.write('go')
    t.deepEqual(await readAll(stream), THREE)
    await endedBy(t, program, path, 7)
  },
)

for (const scenario of ['reads and accepts under way', 'many streams']) {
  test.serial(`process.exit with ${scenario} is no crash and keeps its code`, async (t) => {
    const { program, stream, path } = await started(t, scenario)
    t.is(await within(stream.read(), PATIENCE_MS, 'the end'), null)
    await endedBy(t, program, path, 7)
  })
}

test.serial('a natural end sends what was written and keeps process.exitCode', async (t) => {
  const { program, stream, path } = await started(t, 'a natural end')
  t.deepEqual(await readAll(stream), THREE)
  await endedBy(t, program, path, 7)
})

test.serial(
  'an uncaught error ends the process with streams open, and what was written is sent',
  async (t) => {
    const { program, stream, path } = await started(t, 'an uncaught error')
    t.deepEqual(await readAll(stream), THREE)
    await endedBy(t, program, path, 1)
    t.regex(program.stderr, /Error: on purpose/)
  },
)

async function started(
  t: ExecutionContext,
  scenario: string,
): Promise<{ program: Program; stream: Stream; path: string }> {
  const name = uniqueName(t)
  const path = uniquePath(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'exits', [scenario, name, path])
  return { program, stream: await accepted(t, listener), path }
}

async function endedBy(
  t: ExecutionContext,
  program: Program,
  path: string,
  code: number,
): Promise<void> {
  t.deepEqual(await program.exit(), { code, signal: null }, program.stderr)
  t.false(await isTaken(path), 'its listener gave the path back')
}
