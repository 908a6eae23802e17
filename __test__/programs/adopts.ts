// Listens on a descriptor that it inherited, and echoes. Says what it listens on and whom it
// accepts, or why it can't and whether the descriptor is still open. Closes on the line "null" of
// its stdin, and says so.
//
//   adopts.js FD [OPTIONS]

import { fstatSync } from 'node:fs'

import { listen, type Listener, type Stream } from 'local-socket'

import { heard, say } from '../helpers/say.js'

function isOpen(fd: number): boolean {
  try {
    fstatSync(fd)
    return true
  } catch {
    return false
  }
}

async function echo(stream: Stream): Promise<void> {
  for await (const chunk of stream) await stream.write(chunk)
  await stream.close()
}

async function serve(listener: Listener): Promise<void> {
  for await (const stream of listener) {
    say({ accepted: stream.peer.uid })
    echo(stream).catch(() => stream.destroy())
  }
}

const fd = Number(process.argv[2])
try {
  const listener = await listen({ fd }, JSON.parse(process.argv[3] ?? '{}') as object)
  const { kind } = listener.name
  say({ name: `${listener.name}`, netPath: listener.name.toNetPath(), kind, fd: listener.fd })
  void serve(listener)
  for await (const _ of heard()) {
    await listener.close()
    say({ closed: true })
    break
  }
} catch (error) {
  const { code, message } = error as Error & { code?: string }
  say({ code, message, open: isOpen(fd) })
}
