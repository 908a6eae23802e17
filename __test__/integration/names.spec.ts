/** Names that survive crashes, of every system. */
import test, { type ExecutionContext } from 'ava'
import { listen } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { rejectsWith } from '../helpers/failures.js'
import { isTaken, uniqueName, uniquePath } from '../helpers/names.js'
import { accepted, connected, listening } from '../helpers/pair.js'
import { startProgram } from '../helpers/process.js'
import { notUnderWine } from '../helpers/tests.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

/** Has a server listen there that is then killed. */
async function killedServer(t: ExecutionContext, name: string): Promise<void> {
  const server = startProgram(t, 'greeter', [name])
  await server.message('the server')
  server.kill('SIGKILL')
  await server.exit()
}

test('a server that was killed leaves no obstacle, at a path and at a namespaced name', async (t) => {
  for (const name of [uniquePath(t), uniqueName(t)]) {
    for (let round = 0; round < 5; round += 1) await killedServer(t, name)
    const listener = await listening(t, name)
    const client = await connected(t, name)
    await client.write('hello')
    const server = await accepted(t, listener)
    t.is(text(await within(server.read(), PATIENCE_MS, 'hello')), 'hello')
  }
})

notUnderWine(
  'a live listener is not asked aloud: it keeps its name, and accepts nobody',
  'it does not refuse a second first instance of a pipe',
  async (t) => {
    const path = uniquePath(t)
    const holder = await listening(t, path)
    for (const stale of ['reclaim', 'fail'] as const) {
      await rejectsWith(t, 'EADDRINUSE', () => listen(path, { stale }), 'listen')
    }
    await rejectsWith(t, 'ERR_LOCAL_SOCKET_TIMEOUT', () => holder.accept({ timeout: 0 }), 'accept')
  },
)

test('process.exit gives the name back', async (t) => {
  const path = uniquePath(t)
  const server = startProgram(t, 'greeter', [path])
  await server.message('the server')
  server.tell('exit')
  t.is((await server.exit()).code, 0)
  t.false(await isTaken(path))
})
