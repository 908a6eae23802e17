// Sends a file to a native server and compares what the two ends saw.
//
//   npm run demo -- [FILE] [--server PROGRAM]
//
// The server is the Rust example `demo_server`, a process of its own.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { connect } from 'local-socket'

import { readArguments } from './demo/arguments.js'
import { bytesText, ProgressBar, say } from './demo/display.js'
import { oneLine } from './demo/failure.js'
import { openFile, type SourceFile } from './demo/file.js'
import { compareRoundTrips } from './demo/round-trip.js'
import { startServer, type NativeServer } from './demo/server.js'
import { mustAgree, sendFile, type Transfer } from './demo/transfer.js'

async function demo(args: string[]): Promise<void> {
  const { file: filePath, server: program } = readArguments(args)
  const file = await openFile(filePath)
  const name = `local-socket-demo-${process.pid}`
  const path = pathOf(name)
  try {
    const server = await startServer(program, name, path)
    try {
      await show(file, server, name, path)
    } finally {
      await server.stop()
    }
  } finally {
    await file.handle.close()
  }
}

/** A path that node:net understands, too: of a pipe on Windows, elsewhere in a folder of its own. */
function pathOf(name: string): string {
  return process.platform === 'win32'
    ? `\\\\.\\pipe\\${name}-path`
    : join(temporaryFolder(), 'demo')
}

/** A folder that goes when this process does, also by Ctrl+C. The server follows by itself. */
function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'local-socket-demo-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  process.once('SIGINT', () => process.exit(130))
  process.once('SIGTERM', () => process.exit(143))
  return folder
}

async function show(
  file: SourceFile,
  server: NativeServer,
  name: string,
  path: string,
): Promise<void> {
  say('file', `${file.path} (${bytesText(file.size)})`)
  await server.during('asking who serves', () => showPeer(server, `${name}.echo`))

  const transfer = await server.during('sending the file', () => send(file, `${name}.digest`))
  say('SHA-256', `${transfer.here} by node:crypto here`)
  say('', `${transfer.there} by the server`)
  mustAgree(transfer)
  const perSecond = transfer.bytes / transfer.seconds
  say('throughput', `${bytesText(perSecond)}/s, hashing at both ends included`)

  const { localSocket, net, count } = await server.during('timing round trips', () =>
    compareRoundTrips(`${name}.echo`, `${path}.echo`),
  )
  const times = `local-socket ${localSocket.toFixed(1)} µs, node:net ${net.toFixed(1)} µs`
  say('round trip', `${times} (64 bytes, median of ${count} each)`)
}

async function showPeer(server: NativeServer, name: string): Promise<void> {
  const stream = await connect(name, { timeout: 5_000 })
  const { pid, uid, sid } = stream.peer
  await stream.close()
  const user = sid === undefined ? `uid ${uid}` : `user ${sid}`
  say('server', `pid ${pid}, ${user} says the kernel; started as pid ${server.pid}`)
}

async function send(file: SourceFile, name: string): Promise<Transfer> {
  const bar = new ProgressBar(file.size)
  try {
    return await sendFile(name, file, (bytes) => bar.update(bytes))
  } finally {
    bar.clear()
  }
}

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', () => process.exit())

demo(process.argv.slice(2)).catch((error: unknown) => {
  console.error(`demo: ${oneLine(error)}`)
  process.exitCode = 1
})
