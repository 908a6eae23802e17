import { join } from 'node:path'

import type { ExecutionContext } from 'ava'
import { listen, type Stream } from 'local-socket'

import { WAITS } from '../helpers/awake.js'
import { address } from '../helpers/echo.js'
import { connected } from '../helpers/pair.js'
import { peerTest, ROOT } from '../helpers/peers.js'
import { start, type Program } from '../helpers/process.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

const PEER = join(ROOT, '__test__/programs/lingering_descriptor.py')

/** Well below the 5 seconds for which the descriptor holds up who closes it. */
const MOST_STALL_MS = 2_500

for (const [how, busyPoll] of Object.entries(WAITS)) {
  peerTest(
    'python3',
    `a client that attaches a lingering descriptor does not stall the loop, with ${how}`,
    async (t, python) => {
      const { name, shown } = address(t, 'path')
      const listener = await listen(name, { busyPoll })
      t.teardown(() => listener.close())
      const peer = start(t, python, [PEER, 'connect', shown])
      const stream = await within(listener.accept(), PATIENCE_MS, 'the client')
      await readsOn(t, stream, peer)
    },
  )

  peerTest(
    'python3',
    `a server that attaches a lingering descriptor does not stall the loop, with ${how}`,
    async (t, python) => {
      const { name, shown } = address(t, 'path')
      const peer = start(t, python, [PEER, 'serve', shown])
      t.is(await peer.line('listening'), 'listening')
      await readsOn(t, await connected(t, name, { busyPoll }), peer)
    },
  )
}

/** Reads what comes, with the descriptor or without, closes, and looks for how long the loop stood. */
async function readsOn(t: ExecutionContext, stream: Stream, peer: Program): Promise<void> {
  const longestStall = watchLoop()
  const answer = await peer.line('whether the kernel passed it on')
  t.true(answer === 'passed' || answer === 'refused', answer)
  const wanted = answer === 'passed' ? 'ab' : 'b'
  const got = await within(stream.readExact(wanted.length), PATIENCE_MS, 'the bytes')
  t.is(Buffer.from(got).toString(), wanted)
  await within(stream.close(), PATIENCE_MS, 'the close')
  const stall = await within(longestStall(), PATIENCE_MS, 'a turn of the loop')
  t.true(stall < MOST_STALL_MS, `the loop stood for ${stall} ms`)
  peer.stdin.end()
}

/** From now on, how long the loop stood still at the most, in milliseconds. */
function watchLoop(): () => Promise<number> {
  let last = performance.now()
  let longest = 0
  let onTick: ((longest: number) => void) | undefined
  const timer = setInterval(() => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    onTick?.(longest)
  }, 10)
  // Only the next tick tells of a stall that is just over.
  return () =>
    new Promise<number>((resolve) => (onTick = resolve)).finally(() => clearInterval(timer))
}
