// Runs one Windows program at a time under Wine.
import { execFileSync, spawn } from 'node:child_process'
import {
  closeSync,
  createReadStream,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'

/** How often what a program has written is shown. */
const LOOK_MS = 500

export class Windows {
  #wine
  #server
  #environment
  #cache

  /** @param {{ wine: string, server: string, environment: Record<string, string> }} wine */
  constructor({ wine, server, environment }, cache) {
    this.#wine = wine
    this.#server = server
    this.#environment = { ...process.env, ...environment }
    this.#cache = cache
    // All that runs there ends with this program, also when it is told to end.
    process.on('exit', () => this.#end())
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => process.exit(1))
    }
  }

  /** How a Windows program is told of a file of this system. */
  path(file) {
    return `Z:${file.replaceAll('/', '\\')}`
  }

  /** Whether a test program whose source this is has tests there: many are about Unix as a whole. */
  has(source) {
    const [condition] = /^#!\[cfg\(.*$/m.exec(readFileSync(source, 'utf8')) ?? ['']
    return condition.includes('windows') || !/\b(?:unix|target_os|target_vendor)\b/.test(condition)
  }

  /** It sees all files of this system. */
  async ready() {}

  /**
   * Runs a program and shows what it writes. What it leaves running ends with it, and at a deadline
   * it is ended itself.
   * @param {string} name what to call it
   * @param {readonly string[]} command a program of this system's files, and its arguments
   * @param {{ folder: string, minutes: number, environment?: Record<string, string> }} how
   * @returns {Promise<{ ok: boolean, output: string }>} whether it exited with 0 in time
   */
  async run(name, [program, ...args], { folder, minutes, environment = {} }) {
    console.log(`\nunder Wine: ${name}`)
    this.#emptyTemp()
    mkdirSync(this.#cache, { recursive: true })
    // Node for Windows can't write to a pipe of Linux.
    const log = join(this.#cache, 'output.log')
    const output = openSync(log, 'w')
    const child = spawn(this.#wine, [program, ...args], {
      cwd: folder,
      env: { ...this.#environment, ...environment },
      stdio: ['ignore', output, output],
    })
    closeSync(output)
    const show = follow(log)
    const started = performance.now()
    const code = await new Promise((resolve, reject) => {
      const deadline = setTimeout(() => {
        this.#end()
        child.kill('SIGKILL')
        resolve('no end')
      }, minutes * 60_000)
      child.once('error', reject)
      child.once('exit', (status, signal) => {
        clearTimeout(deadline)
        resolve(status ?? signal)
      })
    })
    this.#end()
    await show()
    const seconds = Math.round((performance.now() - started) / 1000)
    if (code !== 0) console.log(`${name}: ${code} after ${seconds} s`)
    return { ok: code === 0, output: readFileSync(log, 'utf8') }
  }

  /**
   * Processes have the same numbers again in each run, so that what one that was ended has left would
   * be in the way of another.
   */
  #emptyTemp() {
    const users = join(this.#environment.WINEPREFIX, 'drive_c/users')
    for (const user of readdirSync(users)) {
      const temp = join(users, user, 'AppData/Local/Temp')
      if (!existsSync(temp)) continue
      rmSync(temp, { recursive: true, force: true })
      mkdirSync(temp)
    }
  }

  /** Ends every Windows program, if one runs. */
  #end() {
    try {
      execFileSync(this.#server, ['--kill'], { env: this.#environment, stdio: 'ignore' })
    } catch {
      // None runs.
    }
  }
}

/** Copies what is appended to a file to the standard output, until called. */
function follow(file) {
  let from = 0
  const copy = async () => {
    for await (const chunk of createReadStream(file, { start: from })) {
      from += chunk.length
      process.stdout.write(chunk)
    }
  }
  let busy = Promise.resolve()
  const timer = setInterval(() => (busy = busy.then(copy)), LOOK_MS)
  return () => {
    clearInterval(timer)
    return busy.then(copy)
  }
}
