import test, { type ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { uniqueName } from '../helpers/names.js'
import { accepted, listening } from '../helpers/pair.js'
import { startProgram, type Program } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const NUMBERS = Array.from({ length: 8 }, (_, index) => String(index))

for (const where of ['a microtask', 'nextTick', 'an async function', 'an abort listener']) {
  test.serial(
    `errors thrown in ${where} where reads continue are each seen once and I/O goes on`,
    async (t) => {
      const { program, streams } = await started(t, where, 'handled')
      for (const [index, stream] of streams.entries()) {
        t.is(text(await within(stream.readExact(1), PATIENCE_MS, `echo ${index}`)), String(index))
      }
      for (const stream of streams) {
        await stream.write('and on')
        t.is(text(await within(stream.readExact(6), PATIENCE_MS, 'a later echo')), 'and on')
        await stream.close()
      }
      t.deepEqual(await program.message('the errors it saw'), {
        seen: NUMBERS.map((number) => `boom ${number}`),
      })
      t.deepEqual(await program.exit(), { code: 0, signal: null })
      t.is(program.stderr, '')
    },
  )

  test.serial(
    `an error thrown in ${where} where a read continues ends a process without a handler`,
    async (t) => {
      const { program } = await started(t, where, 'unhandled')
      t.deepEqual(await program.exit(), { code: 1, signal: null })
      t.regex(program.stderr, /Error: boom \d\n\s+at .*throws\.js/)
    },
  )
}

async function started(
  t: ExecutionContext,
  where: string,
  handled: string,
): Promise<{ program: Program; streams: Stream[] }> {
  const name = uniqueName(t)
  const listener = await listening(t, name)
  const program = startProgram(t, 'throws', [where, handled, name])
  const streams: Stream[] = []
  while (streams.length < 8) streams.push(await accepted(t, listener))
  await program.message('the thread to stand still')
  await Promise.all(streams.map((stream, index) => stream.write(String(index))))
  program.tell('all have been written to')
  return { program, streams }
}
