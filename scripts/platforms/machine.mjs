// A machine with a 64-bit ARM, which qemu emulates as a whole, with a Linux of its own.
//
// It starts from a disk that is made anew, and is told over a serial line what to run. So nothing is
// mounted here and nobody needs to be root. What is given up: what comes about here after it has been
// started isn't there.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

import { root } from '../run.mjs'
import { kernelOf, makeDisk, prepareSystem } from './disk.mjs'

/** What all programs may need of the project, specs that look at sources among them. */
const PROJECT = 'package.json ava.config.js binding.cjs ERRORS.md crates src __test__ node_modules'

/** A processor that has atomic instructions, and nothing that takes long to emulate. */
const HARDWARE = '-machine virt,gic-version=3 -cpu neoverse-n1 -smp 2 -m 4G'
/**
 * Its clock goes by a nanosecond for each instruction, and on to the next timer where there are none.
 * So what it takes its time for here doesn't matter to deadlines there, and nobody waits for a sleep.
 * The price: its processors take turns.
 */
const CLOCK = '-accel tcg -icount shift=0,sleep=off'
const BARE = '-nodefaults -no-user-config -display none -no-reboot'
/** What a minute of its clock may take here. */
const MINUTES_HERE = 30
/** What it takes to start, many times over. */
const START_MINUTES = 10

export class Machine {
  #cache
  #disk
  #kernel
  /** What runs, while something does. */
  #process
  /** How a line begins with which the machine says that it has done what it was told. */
  #mark = randomUUID()
  /** Gets each line that it writes, and undefined at its end. */
  #heard = () => {}

  /** @param {string} cache the folder to keep its files in */
  constructor(cache) {
    this.#cache = cache
    this.#disk = join(cache, 'disk')
    process.on('exit', () => this.stop())
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => process.exit(1))
    }
  }

  /** How a program there is told of a file of this system: it has the same paths. */
  path(file) {
    return file
  }

  /** Whether a test program whose source this is has tests there: it is a Linux as this one. */
  has() {
    return true
  }

  /**
   * Has it started anew, with files and folders of the project.
   * @param {readonly string[]} files
   */
  async ready(files) {
    this.stop()
    const system = prepareSystem(this.#cache)
    this.#kernel = kernelOf(system)
    makeDisk(system, [...PROJECT.split(' ').map((name) => join(root, name)), ...files], this.#disk)
    await this.#start()
  }

  /**
   * Runs a program and shows what it writes. What it leaves running ends with it, and at a deadline
   * it is ended itself.
   * @param {string} name what to call it
   * @param {readonly string[]} command
   * @param {{ folder: string, minutes: number, environment?: Record<string, string> }} how
   * @returns {Promise<{ ok: boolean, output: string }>} whether it exited with 0 in time
   */
  async run(name, command, { folder, minutes, environment = {} }) {
    console.log(`\non the ARM: ${name}`)
    if (this.#process === undefined) await this.#start()
    const variables = Object.entries(environment).map(([key, value]) => `${key}=${value}`)
    const limited = ['timeout', '--kill-after=5', `${minutes}m`, 'env', ...variables, ...command]
    const answer = this.#answer(minutes * MINUTES_HERE)
    this.#process.stdin.write(`cd ${quoted([folder])}; exec ${quoted(limited)}\n`)
    const { status, output } = await answer
    if (status !== '0') console.log(`${name}: ${status}`)
    return { ok: status === '0', output }
  }

  /** Ends it, and what runs there. */
  stop() {
    this.#process?.kill('SIGKILL')
    this.#process = undefined
  }

  async #start() {
    const start = `root=/dev/nvme0n1 rootwait rw init=/init mark=${this.#mark}`
    const options = [
      `${BARE} ${HARDWARE} ${CLOCK} -serial stdio -device nvme,serial=disk,drive=disk`.split(' '),
      ['-drive', `if=none,id=disk,format=raw,snapshot=on,file=${this.#disk}`],
      ['-kernel', this.#kernel, '-append', `${start} console=ttyAMA0 loglevel=1 panic=-1`],
    ]
    const child = spawn('qemu-system-aarch64', options.flat(), {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    this.#process = child
    const lines = createInterface({ input: child.stdout })
    const hear = (line) => {
      if (this.#process === child) this.#heard(line)
    }
    lines.on('line', hear)
    lines.on('close', hear)
    const { status } = await this.#answer(START_MINUTES)
    if (status !== '0') throw new Error(`the machine has not started: ${status}`)
  }

  /**
   * What the machine writes before it says that it has done what it was told, and how that ended.
   * @returns {Promise<{ status: string, output: string }>}
   */
  #answer(minutes) {
    return new Promise((resolve) => {
      let output = ''
      const close = (status) => {
        clearTimeout(deadline)
        this.#heard = () => {}
        resolve({ status, output })
      }
      const give = (status) => {
        this.stop()
        close(status)
      }
      const deadline = setTimeout(() => give('no answer'), minutes * 60_000)
      this.#heard = (line) => {
        if (line === undefined) return give('the machine has stopped')
        const [text, status] = line.split(`${this.#mark} `)
        if (text !== '' || status === undefined) {
          output += `${text}\n`
          console.log(text)
        }
        if (status !== undefined) close(status)
      }
    })
  }
}

/** Words as a shell is given them. */
function quoted(words) {
  return words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
}
