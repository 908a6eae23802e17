import test, { type ExecutionContext } from 'ava'
import { connect, listen } from 'local-socket'
import type { Allow, ListenerOptions } from 'local-socket'

import { rejection, show, wrong } from './helpers/failures.js'
import { uniqueName } from './helpers/names.js'

/** Refused with that code, and the name is still free. */
async function refuses(
  t: ExecutionContext,
  options: ListenerOptions,
  code: string,
  words: RegExp,
): Promise<void> {
  const name = uniqueName(t)
  const error = await rejection(() => listen(name, options), show(options))
  t.is(error.code, code, error.message)
  t.true(error instanceof TypeError)
  t.regex(error.message, words)
  await (await listen(name)).close()
}

/** Both who listens and who connects refuse it. */
async function refusesRule(
  t: ExecutionContext,
  rule: unknown,
  code: string,
  words: RegExp,
): Promise<void> {
  const allow = wrong<Allow>(rule)
  await refuses(t, { allow }, code, words)
  await refuses(t, { allow: wrong<Allow>([rule]) }, code, words)
  const error = await rejection(() => connect(uniqueName(t), { server: allow }), show(rule))
  t.is(error.code, code, error.message)
  t.regex(error.message, words)
}

test('a security descriptor is refused where there are none, with what to use', async (t) => {
  const securityDescriptor = 'D:P(A;;FA;;;WD)'
  await refuses(t, { securityDescriptor }, 'ERR_INVALID_ARG_VALUE', /securityDescriptor.* use mode/)
})

test('a security descriptor that is no string is refused', async (t) => {
  for (const value of [null, 5, true, {}, [], Symbol('x'), () => 'x']) {
    const options = { securityDescriptor: wrong<string>(value) }
    await refuses(t, options, 'ERR_INVALID_ARG_TYPE', /securityDescriptor/)
  }
})

test('a security descriptor that is undefined is not asked for', async (t) => {
  const listener = await listen(uniqueName(t), { securityDescriptor: undefined })
  await listener.close()
  t.true(listener.closed)
})

test('users of Windows are refused, with what to write', async (t) => {
  const words = /\{ sid \}.* uid/
  await refusesRule(t, { sid: 'S-1-5-18' }, 'ERR_INVALID_ARG_VALUE', words)
  await refusesRule(t, { sid: 5 }, 'ERR_INVALID_ARG_VALUE', words)
})
