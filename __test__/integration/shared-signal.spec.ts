import test from 'ava'
import { listen } from 'local-socket'

import { failure } from '../helpers/failures.js'
import { uniqueName } from '../helpers/names.js'
import { fill, pair } from '../helpers/pair.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

// Where one operation that is aborted settles another with the same signal, a second rejection
// would be nobody's: it fails the run as an unhandled rejection.

test('one signal ends a listener and an accept that waits on it', async (t) => {
  const abort = new AbortController()
  const listener = await listen(uniqueName(t), { signal: abort.signal })
  const accepting = failure(listener.accept({ signal: abort.signal }), 'accept')
  abort.abort()
  t.is((await accepting).code, 'ERR_LOCAL_SOCKET_CLOSED')
  t.true(listener.closed)
})

test('one signal ends a write that has gone in part and the write behind it', async (t) => {
  const { client } = await pair(t)
  const abort = new AbortController()
  const { signal } = abort
  const first = failure(client.write(new Uint8Array(8_388_608), { signal }), 'the first write')
  const second = failure(client.write('behind', { signal }), 'the second write')
  abort.abort()
  t.is((await first).code, 'ABORT_ERR')
  t.true(((await first).bytesWritten ?? 0) > 0)
  t.is((await second).bytesWritten, 0)
})

for (const how of ['end', 'close'] as const) {
  test(`one signal ends a write that waits and the ${how} behind it`, async (t) => {
    const { client } = await pair(t)
    fill(client)
    const abort = new AbortController()
    const { signal } = abort
    const written = failure(client.write('waits', { signal }), 'the write')
    // The write that is taken back can be all that it waited for.
    const ended = client[how]({ signal }).catch((error: unknown) => error)
    abort.abort()
    t.is((await written).bytesWritten, 0)
    await within(ended, PATIENCE_MS, `the ${how} to settle`)
  })
}
