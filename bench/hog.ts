import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Uses a core until its parent is gone. */
const PROGRAM = `
const parent = process.ppid
process.stdout.write('.')
while (process.ppid === parent) for (let i = 0; i < 1e7; i++);
`

/** Starts a process that uses a core and is free to run on any; the function it gives ends it. */
export async function startHog(): Promise<() => Promise<void>> {
  const hog = spawn(process.execPath, ['-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] })
  const closed = once(hog, 'close')
  const ended = closed.then(() => Promise.reject(new Error('the hog did not start')))
  await Promise.race([once(hog.stdout, 'data'), ended])
  ended.catch(() => {})
  return async () => {
    hog.kill('SIGKILL')
    await closed
  }
}
