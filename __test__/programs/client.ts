// A client, as whoever it is started as: client.js <options as JSON> <name> ...
// Connects to one name after the other, and says {connected, read} of each, with what the first
// read gave: a text, null or a code; or {code, message, peer} if it could not connect.
import { connect, type LocalSocketError } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [options = '{}', ...names] = process.argv.slice(2)

for (const name of names) {
  try {
    const stream = await connect(name, JSON.parse(options) as object)
    const read = await stream.read().then(
      (chunk) => (chunk === null ? null : text(chunk)),
      (error: LocalSocketError) => error.code,
    )
    say({ connected: name, read })
    await stream.close()
  } catch (error) {
    const { code, message, peer } = error as LocalSocketError
    say({ code, message, peer })
  }
}
