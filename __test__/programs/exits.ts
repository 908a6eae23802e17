// Ways to end with everything open: exits.js <scenario> <name> <path>
// The test listens on `name` and reads; this program listens on `path`.
import { connect, listen, type Listener, type Stream } from 'local-socket'

import { bytes } from '../helpers/checksum.js'
import { numbered } from '../helpers/numbered.js'
import { say, standStill } from '../helpers/say.js'

const [scenario, name, path] = process.argv.slice(2) as [string, string, string]

interface Open {
  readonly listener: Listener
  readonly stream: Stream
}

const scenarios: Readonly<Record<string, (open: Open) => Promise<void> | void>> = {
  'writes nobody waited for': ({ stream }) => {
    writeThree(stream)
    process.exit(7)
  },
  'corked writes': ({ stream }) => {
    stream.cork()
    writeThree(stream)
    process.exit(7)
  },
  'writes and an end nobody waited for': ({ stream }) => {
    writeThree(stream)
    void stream.end()
    process.exit(7)
  },
  'writes and a close nobody waited for': ({ stream }) => {
    writeThree(stream)
    void stream.close()
    process.exit(7)
  },
  'a write that waits for room': ({ stream }) => {
    void stream.write(numbered(0, 4_000_000))
    say({ written: stream.bytesWritten })
    // The test reads while this thread stands still, so that nobody else uses the room it makes.
    standStill()
    process.exit(7)
  },
  'reads and accepts under way': ({ listener, stream }) => {
    void stream.read()
    void stream.read()
    void listener.accept()
    process.exit(7)
  },
  'process.exit where a read continues': async ({ stream }) => {
    say({ waiting: true })
    await stream.read()
    writeThree(stream)
    process.exit(7)
  },
  'many streams': async () => {
    const streams = await Promise.all(Array.from({ length: 100 }, () => connect(path)))
    for (const stream of streams) {
      void stream.read()
      void stream.write(bytes(1_000_000))
    }
    process.exit(7)
  },
  'a natural end': ({ listener, stream }) => {
    listener.unref()
    stream.unref()
    writeThree(stream)
    process.exitCode = 7
  },
  'an uncaught error': ({ stream }) => {
    writeThree(stream)
    setImmediate(() => {
      throw new Error('on purpose')
    })
  },
}

function writeThree(stream: Stream): void {
  for (let index = 0; index < 3; index += 1) void stream.write(bytes(20_000, index))
}

async function main(): Promise<void> {
  const listener = await listen(path)
  const stream = await connect(name)
  const scene = scenarios[scenario]
  if (scene === undefined) throw new Error(`no scenario ${scenario}`)
  await scene({ listener, stream })
}

void main()
