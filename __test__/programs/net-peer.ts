// Node's own net, for this Node or another: net-peer.js <role> <path or @id> [size]
// `serve` says {listening} and echoes to the end of each connection; `connect` sends `size` bytes
// of the test's pattern, half-closes, and says {sent, received} by SHA-256; `exchange` does so
// without a half-close, which net has none of on Windows: it closes when as much has come back.
import { connect, createServer } from 'node:net'

import { bytes, Checksum, sha256 } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [role, name, size] = process.argv.slice(2) as [string, string, string?]
// An argument can't hold the NUL that net puts before an abstract name.
const path = name.replace(/^@/, '\0')

if (role === 'serve') {
  const server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  server.listen(path, () => say({ listening: name }))
} else {
  const payload = bytes(Number(size), 5)
  const sum = new Checksum()
  const socket = connect({ path, allowHalfOpen: true })
  const tell = (): void => say({ sent: sha256(payload), received: sum.digest() })
  if (role === 'exchange') {
    socket.on('data', (chunk) => {
      sum.add(chunk)
      if (sum.length === payload.byteLength) socket.destroy()
    })
    socket.on('close', tell)
    socket.write(payload)
  } else {
    socket.on('data', (chunk) => sum.add(chunk))
    socket.on('end', tell)
    socket.end(payload)
  }
}
