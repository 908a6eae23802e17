// The suites as another system has them: built here, and run by what can run its programs here.
import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

import { ava, cargo, one, Total } from './count.mjs'
import { root, run } from './run.mjs'
import { skippedUnderWine } from './windows/skipped.mjs'

/** What a test program, and all specs in one Node, may take. */
const PROGRAM_MINUTES = 5
const SPECS_MINUTES = 15

/**
 * What arguments choose: steps by their words, all unless one is named, and by other words test
 * programs and specs.
 * @param {readonly string[]} all
 */
export function chosen(all) {
  const words = process.argv.slice(2)
  const steps = all.filter((step) => words.includes(step))
  return {
    steps: new Set(steps.length > 0 ? steps : all),
    names: words.filter((word) => !all.includes(word)),
  }
}

export class Suites {
  #cross
  #runner
  #names
  #total = new Total()
  /** Tests that only a real Windows can run. */
  #realOnly = []

  /**
   * @param {import('./cross.mjs').Cross} cross
   * @param {{ path(file: string): string, has(source: string): boolean,
   *   ready(files: readonly string[]): Promise<void>,
   *   run(name: string, command: readonly string[], how: {
   *     folder: string, minutes: number, environment?: Record<string, string>
   *   }): Promise<{ ok: boolean, output: string }> }} runner
   *   `ready` is told of all files that the next runs need
   * @param {readonly string[]} names the test programs and specs to run; all of them if there are none
   */
  constructor(cross, runner, names) {
    this.#cross = cross
    this.#runner = runner
    this.#names = names
  }

  /** Adds up a step; those of its tests that had to pass without doing anything count apart. */
  add({ passed, failed, skipped }, output = '') {
    const here = skippedUnderWine(output)
    this.#realOnly.push(...here)
    this.#total.add({ passed: passed - here.length, failed, skipped })
  }

  /**
   * Builds and runs the tests of packages.
   * @returns {Promise<number>} how many passed
   */
  async rust(...packages) {
    const { ok, programs } = await this.#cross.tests(...packages)
    this.add(one(ok))
    const names = this.#names
    let passed = 0
    const wanted = programs
      .filter(({ name }) => names.length === 0 || names.includes(name))
      .filter(({ source }) => this.#runner.has(source))
    await this.#runner.ready([...wanted.map(({ file }) => file), this.#cross.examples])
    for (const { name, file, folder } of wanted) {
      const how = { folder, minutes: PROGRAM_MINUTES }
      const ran = await this.#runner.run(name, [file, '--show-output'], how)
      // A program that ended before its tests did has no result, whatever its exit code says.
      const ended = /^test result: /m.test(ran.output)
      const count = cargo(ran.ok && ended, ran.output)
      passed += count.passed
      this.add(count, ran.output)
    }
    return passed
  }

  /**
   * Builds the addon and the specs, and runs them in each Node.
   * @param {readonly { major: number, program: string }[]} nodes the newest last
   * @param {string} file what @napi-rs/cli calls the addon there
   * @param {readonly string[]} wakes the ways to be woken to go through
   */
  async typescript(nodes, file, wakes) {
    const { ok, folder } = await this.#cross.addon()
    this.add(one(ok))
    if (!ok) return
    // One description of the binding is true of every system.
    this.add(one(sameText(join(folder, 'binding.d.cts'), join(root, 'binding.d.cts'))))
    copyFileSync(join(folder, 'binding.cjs'), join(root, 'binding.cjs'))
    for (const project of ['tsconfig.json', 'tsconfig.tests.json']) {
      const built = await run(['npx', 'tsc', '-p', project])
      this.add(one(built.ok))
      if (!built.ok) return
    }
    const specs = this.#names.map((name) => `build/__test__/**/${name}.spec.js`)
    const environment = {
      NAPI_RS_NATIVE_LIBRARY_PATH: this.#runner.path(join(folder, file)),
      LOCAL_SOCKET_NODE_NEWER: this.#runner.path(nodes.at(-1).program),
    }
    const outputs = ['dist', 'build'].map((name) => join(root, name))
    const programs = nodes.map(({ program }) => program)
    await this.#runner.ready([...outputs, folder, this.#cross.examples, ...programs])
    for (const { major, program } of nodes) {
      const command = [program, join(root, 'node_modules/ava/entrypoints/cli.mjs'), ...specs]
      for (const wake of wakes) {
        const how = {
          folder: root,
          minutes: SPECS_MINUTES,
          environment: { ...environment, LOCAL_SOCKET_WAKE: wake },
        }
        const name = `the specs in Node ${major}, woken by ${wake}`
        const ran = await this.#runner.run(name, command, how)
        this.add(ava(ran.ok, ran.output), ran.output)
      }
    }
  }

  /** Says what came of it all, with one line at the end, and has the process exit accordingly. */
  close() {
    const count = this.#realOnly.length
    if (count > 0) {
      // The specs say so in each Node.
      console.log(`\nskipped under Wine:\n${[...new Set(this.#realOnly)].join('\n')}`)
    }
    console.log(`\n${this.#total.line()}${count > 0 ? `, ${count} skipped under Wine` : ''}`)
    process.exitCode = this.#total.failed === 0 ? 0 : 1
  }
}

function sameText(file, other) {
  const same = readFileSync(file, 'utf8') === readFileSync(other, 'utf8')
  if (!same) console.log(`${file} is not what ${other} is`)
  return same
}
