// Says what a service manager passed to this process, in a worker first if it is told to.
//
//   activated.js [worker]

import { fileURLToPath } from 'node:url'
import { isMainThread, Worker } from 'node:worker_threads'

import { activated, type LocalSocketError } from 'local-socket'

import { say } from '../helpers/say.js'

function tell(): void {
  try {
    say(activated())
  } catch (error) {
    const { address, code, message, name } = error as LocalSocketError
    say({ address, code, message, name })
  }
}

if (isMainThread && process.argv[2] === 'worker') {
  const worker = new Worker(fileURLToPath(import.meta.url))
  worker.once('exit', tell)
} else {
  tell()
  if (isMainThread) tell()
}
