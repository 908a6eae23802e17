// Sends back whatever arrives, at the sockets that a service manager passed. Without one it listens
// at a name of its own.
//
//   systemd-socket-activate -l /tmp/my-app.sock -E PATH node build/examples/activated.js
//   node build/examples/activated.js [NAME]

import { activated, listen, type Listener, type Stream } from 'local-socket'

async function echo(stream: Stream): Promise<void> {
  try {
    for await (const chunk of stream) await stream.write(chunk)
    await stream.close()
  } catch (error) {
    // One broken connection is no reason to stop serving the others.
    console.error(`a connection broke: ${error instanceof Error ? error.message : error}`)
    stream.destroy()
  }
}

async function serve(listener: Listener, label: string): Promise<void> {
  process.once('SIGTERM', () => void listener.close())
  console.log(`${label}: listening on ${listener.name}`)
  for await (const stream of listener) void echo(stream)
}

async function main(name = 'activated-example'): Promise<void> {
  const sockets = activated()
  if (sockets.length === 0) return serve(await listen(name), 'itself')
  await Promise.all(sockets.map(async (socket) => serve(await listen(socket), socket.name)))
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
