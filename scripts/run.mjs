// Runs one command of the house with its output shown, and tells how it went.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs `command`, in the project's folder unless told otherwise.
 * @param {readonly string[]} command
 * @param {Record<string, string>} [environment] added to the process' own
 * @param {{ folder?: string, quiet?: boolean, environmentShown?: boolean }} [options] `folder`: where
 *   to run it instead; `quiet`: what it says on its standard output isn't shown
 * @returns {Promise<{ ok: boolean, output: string }>} whether it exited with 0, and what it printed
 */
export function run(command, environment = {}, options = {}) {
  const { folder = root, quiet = false, environmentShown = true } = options
  const [program, ...args] = command
  console.log(`\n$ ${environmentShown ? shown(environment) : ''}${command.join(' ')}`)
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: folder,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
      // There npm and npx are scripts.
      shell: process.platform === 'win32',
    })
    let output = ''
    for (const [from, to] of [
      [child.stdout, process.stdout],
      [child.stderr, process.stderr],
    ]) {
      from.setEncoding('utf8')
      from.on('data', (text) => {
        output += text
        if (!quiet || from === child.stderr) to.write(text)
      })
    }
    child.once('error', reject)
    child.once('close', (code) => resolve({ ok: code === 0, output }))
  })
}

/** Variables as a shell is given them, each with a space after it. */
export function shown(environment) {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value} `)
    .join('')
}
