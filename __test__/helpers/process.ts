import { spawn, type ChildProcessByStdio } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'

import type { ExecutionContext } from 'ava'

import { PATIENCE_MS, within } from './within.js'

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /** Open descriptors that the program gets from 3 on. */
  readonly descriptors?: readonly number[]
}

export interface ProgramOptions extends StartOptions {
  /** Flags for the Node that runs the program, such as `--expose-gc`. */
  readonly execArgv?: readonly string[]
}

/** Where the compiled child programs are. */
export const PROGRAMS: URL = new URL('../programs/', import.meta.url)

/** The compiled file of the child program `name` (without an extension). */
export function programFile(name: string): string {
  return fileURLToPath(new URL(`${name}.js`, PROGRAMS))
}

/** A child process whose stdout is read by lines; it is killed when its test ends. */
export class Program {
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #title: string
  readonly #exit: Promise<Exit>
  readonly #lines: string[] = []
  readonly #waiting: { resolve: (line: string) => void; reject: (error: Error) => void }[] = []
  #stderr = ''
  #ended: Exit | undefined

  constructor(
    command: string,
    args: readonly string[],
    { descriptors = [], ...options }: StartOptions = {},
  ) {
    this.#title = [command, ...args].join(' ')
    this.#child = spawn(command, args, {
      stdio: ['pipe', 'pipe', 'pipe', ...descriptors],
      ...options,
      env: { ...process.env, ...options.env },
    }) as ChildProcessByStdio<Writable, Readable, Readable>
    this.#child.stderr.setEncoding('utf8')
    this.#child.stderr.on('data', (part: string) => (this.#stderr += part))
    // A program that has gone before it read everything is no error of the test.
    this.#child.stdin.on('error', () => undefined)
    createInterface({ input: this.#child.stdout, crlfDelay: Infinity }).on('line', (line) => {
      const waiter = this.#waiting.shift()
      if (waiter) waiter.resolve(line)
      else this.#lines.push(line)
    })
    this.#exit = new Promise((resolve, reject) => {
      this.#child.once('error', (error) => {
        this.#ended = { code: null, signal: null }
        this.#fail(error)
        reject(error)
      })
      // 'close' comes after the last of stdout and stderr, unlike 'exit'.
      this.#child.once('close', (code, signal) => {
        this.#ended = { code, signal }
        this.#fail(
          new Error(
            `${this.#title} ended (${describe(this.#ended)}) without another line${this.#said()}`,
          ),
        )
        resolve(this.#ended)
      })
    })
    this.#exit.catch(() => undefined)
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error(`${this.#title} was not started`)
    return this.#child.pid
  }

  /** All that the program has written to stderr so far. */
  get stderr(): string {
    // Node ends lines of what it says of itself as the system does.
    return this.#stderr.replaceAll('\r\n', '\n')
  }

  get stdin(): Writable {
    return this.#child.stdin
  }

  /** The next line of stdout. */
  async line(what = 'a line', milliseconds = PATIENCE_MS): Promise<string> {
    const buffered = this.#lines.shift()
    if (buffered !== undefined) return buffered
    if (this.#ended) {
      throw new Error(
        `${this.#title} has ended (${describe(this.#ended)}) before ${what}${this.#said()}`,
      )
    }
    const next = new Promise<string>((resolve, reject) => this.#waiting.push({ resolve, reject }))
    return within(next, milliseconds, `${what} from ${this.#title}${this.#said()}`)
  }

  /** The next line of stdout, parsed as JSON. */
  async message<T>(what = 'a message', milliseconds = PATIENCE_MS): Promise<T> {
    const line = await this.line(what, milliseconds)
    return JSON.parse(line) as T
  }

  /** Sends one line of JSON to the program's stdin. */
  tell(value: unknown): void {
    this.#child.stdin.write(`${JSON.stringify(value)}\n`)
  }

  /** How the program ended, once it has and everything it wrote has been read. */
  exit(milliseconds = PATIENCE_MS): Promise<Exit> {
    return within(this.#exit, milliseconds, `the end of ${this.#title}`)
  }

  /** The lines of stdout that nobody has asked for yet. */
  rest(): string[] {
    return this.#lines.splice(0)
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.#child.kill(signal)
  }

  /** Kills the program if it is still there, and waits until it has gone. */
  async stop(): Promise<void> {
    this.kill()
    await this.exit().catch(() => undefined)
  }

  #fail(error: Error): void {
    for (const waiter of this.#waiting.splice(0)) waiter.reject(error)
  }

  #said(): string {
    return this.#stderr === '' ? '' : `; stderr: ${this.#stderr.trim()}`
  }
}

/** Starts any command; killed when the test ends. The environment is passed on. */
export function start(
  t: ExecutionContext,
  command: string,
  args: readonly string[] = [],
  options: StartOptions = {},
): Program {
  const program = new Program(command, args, options)
  t.teardown(() => program.stop())
  return program
}

/** Starts the compiled child program `name` from `__test__/programs` in a Node of its own. */
export function startProgram(
  t: ExecutionContext,
  name: string,
  args: readonly string[] = [],
  { execArgv = [], ...options }: ProgramOptions = {},
): Program {
  return start(t, process.execPath, [...execArgv, programFile(name), ...args], options)
}

function describe({ code, signal }: Exit): string {
  return signal === null ? `exit code ${code}` : `signal ${signal}`
}
