// Builds for other systems with Debian's compiler, which comes with the source of its standard
// library: that is built along, since Debian has it built for no other system.
import { join } from 'node:path'

import { install } from './debian.mjs'
import { run, shown } from './run.mjs'

const PACKAGES = ['rustc-web', 'cargo-web', 'rust-web-src']

const CARGO = '/usr/bin/cargo'

export class Cross {
  #triple
  #packages
  #target
  #environment

  /**
   * @param {string} triple Rust's name of the system
   * @param {{ folder: string, linker?: string, packages?: readonly string[],
   *   environment?: Record<string, string> }} how
   *   `folder` is that of the build: two compilers in one folder build everything anew each time
   */
  constructor(triple, { folder, linker, packages = [], environment = {} }) {
    this.#triple = triple
    this.#packages = packages
    this.#target = folder
    this.#environment = {
      // Whatever else is in the path. The first is for @napi-rs/cli.
      CARGO,
      RUSTC: '/usr/bin/rustc',
      // Otherwise only nightly compilers may build the standard library.
      RUSTC_BOOTSTRAP: '1',
      CARGO_TARGET_DIR: folder,
      // There are many test programs to link, and no debugger for them.
      CARGO_PROFILE_DEV_DEBUG: 'false',
      ...environment,
    }
    if (linker !== undefined) {
      const variable = triple.toUpperCase().replaceAll('-', '_')
      this.#environment[`CARGO_TARGET_${variable}_LINKER`] = linker
    }
  }

  /** Installs the compiler and what the linker needs. */
  prepare() {
    install([...PACKAGES, ...this.#packages])
    console.log(`all builds for ${this.#triple} have\n${shown(this.#environment)}`)
  }

  /**
   * Builds the test programs of packages, and the examples that they talk to.
   * @returns {Promise<{ ok: boolean, programs: { name: string, file: string, source: string,
   *   folder: string }[] }>} `folder` is where cargo would run it
   */
  async tests(...packages) {
    const std = ['panic_abort', 'panic_unwind', 'test', 'proc_macro']
    const options = [...packages, '--no-run', '--message-format=json-render-diagnostics']
    const { ok, output } = await this.#cargo('test', std, options, { quiet: true })
    const programs = output
      .split('\n')
      .filter((line) => line.startsWith('{"reason":"compiler-artifact"'))
      .map((line) => JSON.parse(line))
      .filter(({ executable, profile }) => executable !== null && profile.test)
      .map(({ executable, manifest_path, target: { name, src_path } }) => ({
        name,
        file: executable,
        source: src_path,
        folder: join(manifest_path, '..'),
      }))
    return { ok, programs }
  }

  /**
   * Builds the addon as for this system, but for where it goes.
   * @returns {Promise<{ ok: boolean, folder: string }>} `folder` has it, its loader and declarations
   */
  async addon() {
    const folder = join(this.#target, 'addon')
    const options = ['--target', this.#triple, '--output-dir', folder, '--', std('panic_unwind')]
    const command = ['npm', 'run', '--silent', 'build:native', '--', ...options]
    const { ok } = await run(command, this.#environment, { environmentShown: false })
    return { ok, folder }
  }

  /** The folder with the examples that came with the test programs. */
  get examples() {
    return join(this.#target, this.#triple, 'debug/examples')
  }

  /** Whether packages compile, which needs no linker. */
  async check(...packages) {
    return (await this.#cargo('check', ['panic_unwind'], packages)).ok
  }

  #cargo(command, crates, args, options) {
    const all = [CARGO, command, '--locked', '--target', this.#triple, std(...crates), ...args]
    return run(all, this.#environment, { ...options, environmentShown: false })
  }
}

const std = (...crates) => `-Zbuild-std=${['std', ...crates].join(',')}`
