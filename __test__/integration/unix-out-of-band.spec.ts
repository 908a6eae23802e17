import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import type { Stream } from 'local-socket'

import { WAITS } from '../helpers/awake.js'
import { text } from '../helpers/checksum.js'
import { uniquePath } from '../helpers/names.js'
import { accepted, listening } from '../helpers/pair.js'
import { peerTest, ROOT } from '../helpers/peers.js'
import { start } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const PEER = join(ROOT, '__test__/programs/out_of_band.py')

for (const [how, busyPoll] of Object.entries(WAITS)) {
  // A read stops short at such a byte (Linux 5.15), although there is more behind it.
  peerTest(
    'python3',
    `what comes behind an out-of-band byte arrives without more from the peer, with ${how}`,
    async (t, python) => {
      const path = uniquePath(t)
      const listener = await listening(t, path, { busyPoll })
      const peer = start(t, python, [PEER, path])
      t.regex(await peer.line('that all was sent'), /^(sent|unsupported)$/)
      await readsAll(t, await accepted(t, listener))
      peer.stdin.end()
    },
  )

  peerTest(
    'python3',
    `so it does when it is sent while it is waited for, with ${how}`,
    async (t, python) => {
      const path = uniquePath(t)
      const listener = await listening(t, path, { busyPoll })
      const peer = start(t, python, [PEER, path])
      await readsAll(t, await accepted(t, listener))
      peer.stdin.end()
    },
  )
}

async function readsAll(t: ExecutionContext, stream: Stream): Promise<void> {
  let got = ''
  while (got.length < 6) {
    const chunk = await within(stream.read(), PATIENCE_MS, `what follows ${got}`)
    if (chunk === null) break
    got += text(chunk)
  }
  t.is(got, 'abcdef')
}
