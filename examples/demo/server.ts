import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

import { codeOf, DemoFailure, oneLine } from './failure.js'

/** The native server as a process of its own. */
export interface NativeServer {
  readonly pid: number
  /** Asks the server to leave, and insists after a while. */
  stop(): Promise<void>
  /** Runs `work`; should it fail because the server has died, the failure says so. */
  during<T>(what: string, work: () => Promise<T>): Promise<T>
}

/** How long the server may take to listen, or to leave. */
const PATIENCE_MS = 5_000

/** How long a broken connection waits to learn that the server's death was the cause. */
const POST_MORTEM_MS = 500

/** Starts the server and waits until it listens on both names. */
export async function startServer(
  program: string,
  name: string,
  path: string,
): Promise<NativeServer> {
  const args = ['--name', name, '--path', path, '--exit-with-stdin']
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  child.stdin.on('error', () => {}) // A dead server's stdin is told of by 'exit'.
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (complaint += text))
  let death: string | undefined
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve((death = unstartable(program, error))))
    child.once('close', (code, signal) => {
      const how = signal === null ? `exited with code ${code}` : `was ended by ${signal}`
      const said = complaint === '' ? '' : `: ${complaint.trim()}`
      resolve((death ??= `the native server ${how}${said}`))
    })
  })

  const patience = new AbortController()
  const late = delay(PATIENCE_MS, undefined, { signal: patience.signal }).then(
    () => `the native server did not get ready within ${PATIENCE_MS} ms`,
    () => undefined,
  )
  const lines = createInterface({ input: child.stdout })
  const ready = once(lines, 'line', { signal: patience.signal }).then(
    ([line]) =>
      /^ready\b/.test(String(line)) ? undefined : `the server said "${line}", not ready`,
    () => undefined,
  )
  const trouble = await Promise.race([ready, ended, late])
  patience.abort()
  lines.close()
  child.stdout.resume()
  const { pid } = child
  if (trouble !== undefined || pid === undefined) {
    child.kill('SIGKILL')
    throw new DemoFailure(trouble ?? unstartable(program, undefined))
  }

  return {
    pid,
    async stop() {
      child.stdin.end()
      const insist = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
      await ended
      clearTimeout(insist)
    },
    async during(what, work) {
      try {
        return await work()
      } catch (error) {
        if (error instanceof DemoFailure) throw error
        await Promise.race([ended, delay(POST_MORTEM_MS, undefined, { ref: false })])
        throw new DemoFailure(`${what}: ${death ?? oneLine(error)}`)
      }
    },
  }
}

function unstartable(program: string, error: Error | undefined): string {
  const build = 'build it with: npm run build:examples'
  if (codeOf(error) === 'ENOENT') return `there is no native server at ${program}; ${build}`
  if (codeOf(error) === 'EACCES') return `${program} is not a program that may be run; ${build}`
  return `the native server does not start: ${error === undefined ? program : oneLine(error)}`
}
