// A server, as whoever it is started as: greeter.js <name> [options as JSON]
// Says {listening}, or {code, message} if it can't. Says hello to whoever connects. Told "close",
// it closes and says {closed}; told "exit", it ends the process at once.
import { listen, type Listener, type LocalSocketError } from 'local-socket'

import { heard, say } from '../helpers/say.js'

const [name = '', options = '{}'] = process.argv.slice(2)

async function greet(listener: Listener): Promise<void> {
  for await (const stream of listener) {
    // A client that is gone again is its own affair.
    stream.write('hello').catch(() => undefined)
  }
}

async function main(): Promise<void> {
  const listener = await listen(name, JSON.parse(options) as object)
  say({ listening: listener.name.toString() })
  void greet(listener)
  for await (const order of heard<string>()) {
    if (order === 'exit') process.exit(0)
    await listener.close()
    say({ closed: true })
  }
}

main().catch(({ code, message }: LocalSocketError) => say({ code, message }))
