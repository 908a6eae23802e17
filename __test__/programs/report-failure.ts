// Reports how connect and then listen fail for the given name, as a program without privileges.
import { argv } from 'node:process'

import { LocalSocketError, connect, listen } from 'local-socket'

import { say } from '../helpers/say.js'

async function report(operation: Promise<unknown>): Promise<void> {
  try {
    await operation
    say({ code: 'none', message: 'it did not fail' })
  } catch (error) {
    if (!(error instanceof LocalSocketError)) throw error
    const { code, errno, syscall, address, message } = error
    say({ code, errno, syscall, address, message })
  }
}

const [, , name = ''] = argv
await report(connect(name))
await report(listen(name).then((listener) => listener.close()))
