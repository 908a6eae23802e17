// Sends a line to the echo server and prints what comes back.
//
//   node build/examples/echo-client.js [TEXT] [NAME]

import { connect } from 'local-socket'

async function main(text = 'hello', name = 'echo-example'): Promise<void> {
  const stream = await connect(name, { timeout: 5_000 })
  console.log(`served by pid ${stream.peer.pid}, uid ${stream.peer.uid}`)
  await stream.write(`${text}\n`)
  await stream.end() // Nothing more to send; the answer can still come.

  const decoder = new TextDecoder()
  for await (const chunk of stream) process.stdout.write(decoder.decode(chunk, { stream: true }))
  await stream.close()
}

main(process.argv[2], process.argv[3]).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
