// Runs one command of the house with its output shown, and tells how it went.
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The project's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url))

/**
 * Runs `command` in the project's folder.
 * @param {readonly string[]} command
 * @param {Record<string, string>} [environment] added to the process' own
 * @param {{ quiet?: boolean }} [options] `quiet`: what it says on its standard output isn't shown
 * @returns {Promise<{ ok: boolean, output: string }>} whether it exited with 0, and what it printed
 */
export function run(command, environment = {}, { quiet = false } = {}) {
  const [program, ...args] = command
  console.log(
    `\n$ ${Object.entries(environment)
      .map(([k, v]) => `${k}=${v} `)
      .join('')}${command.join(' ')}`,
  )
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
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
