// Writes as fast as it can until nobody reads any more: flood.js <path> <size>
import { connect } from 'node:net'

const [path, size] = process.argv.slice(2) as [string, string]
const block = new Uint8Array(Number(size))
const socket = connect(path)

function pour(): void {
  while (socket.write(block));
}

socket.on('connect', pour)
socket.on('drain', pour)
// The test has seen enough.
socket.on('error', () => process.exit())
socket.on('close', () => process.exit())
