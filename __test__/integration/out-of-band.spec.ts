import { join } from 'node:path'

import { listen } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { uniquePath } from '../helpers/names.js'
import { peerTest, ROOT } from '../helpers/peers.js'
import { start } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const PEER = join(ROOT, '__test__/programs/out_of_band.py')

// A read stops short at such a byte (Linux 5.15), although there is more behind it.
peerTest(
  'python3',
  'what comes behind an out-of-band byte arrives without more from the peer',
  async (t, python) => {
    const path = uniquePath(t)
    const listener = await listen(path)
    t.teardown(() => listener.close())
    const peer = start(t, python, [PEER, path])
    t.regex(await peer.line('that all was sent'), /^(sent|unsupported)$/)
    const stream = await within(listener.accept(), PATIENCE_MS, 'the peer')
    t.teardown(() => stream.close())
    let got = ''
    while (got.length < 6) {
      const chunk = await within(stream.read(), PATIENCE_MS, `what follows ${got}`)
      if (chunk === null) break
      got += text(chunk)
    }
    t.is(got, 'abcdef')
    peer.stdin.end()
  },
)
