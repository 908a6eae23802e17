// Sends back whatever arrives, on every connection, until Ctrl+C.
//
//   node build/examples/echo-server.js [NAME]

import { listen, type Stream } from 'local-socket'

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

async function main(name = 'echo-example'): Promise<void> {
  const listener = await listen(name)
  process.once('SIGINT', () => void listener.close())
  console.log(`listening on ${listener.name}`)
  for await (const stream of listener) void echo(stream)
}

main(process.argv[2]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
