// Builds for Windows with Debian's compiler, which comes with the source of its standard library.
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { install } from '../debian.mjs'
import { root, run, shown } from '../run.mjs'

const PACKAGES = [
  'rustc-web',
  'cargo-web',
  'rust-web-src',
  'gcc-mingw-w64-x86-64',
  'g++-mingw-w64-x86-64',
]
const GNU = 'x86_64-pc-windows-gnu'
const MSVC = 'x86_64-pc-windows-msvc'
/** Of its own: two compilers in one folder build everything anew each time. */
const target = join(root, 'target', 'windows')
const environment = {
  // Of Debian's too are the cargo that @napi-rs/cli runs, and what it looks for in the path.
  CARGO: '/usr/bin/cargo',
  PATH: `/usr/bin:${process.env['PATH']}`,
  RUSTC: '/usr/bin/rustc',
  // Building the standard library is allowed to nightly compilers alone, otherwise.
  RUSTC_BOOTSTRAP: '1',
  CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER: 'x86_64-w64-mingw32-gcc',
  CARGO_TARGET_DIR: target,
  LIBNODE_PATH: join(target, 'libnode'),
}
/** The standard library is built along, since Debian has it built for no other system. */
const std = (...crates) => `-Zbuild-std=${['std', ...crates].join(',')}`

/** Sees to the compiler and to what the linker asks for. */
export function prepareCompiler() {
  install(PACKAGES)
  console.log(`all builds for Windows have\n${shown(environment)}`)
  // The addon finds Node's functions in the process that loads it; napi-build wants a library of
  // them all the same, and is content with an empty one.
  const folder = environment.LIBNODE_PATH
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'libnode.dll'), '')
  writeFileSync(join(folder, 'libnode.dll.a'), '!<arch>\n')
}

/**
 * Builds the test programs of packages, and the examples that they talk to.
 * @returns {Promise<{ ok: boolean, programs: { name: string, file: string, folder: string }[] }>}
 *   `folder` is where cargo would run it
 */
export async function buildTests(...packages) {
  const { ok, output } = await cargo(
    'test',
    GNU,
    std('panic_abort', 'panic_unwind', 'test', 'proc_macro'),
    [...packages, '--no-run', '--message-format=json-render-diagnostics'],
    { quiet: true },
  )
  const programs = output
    .split('\n')
    .filter((line) => line.startsWith('{"reason":"compiler-artifact"'))
    .map((line) => JSON.parse(line))
    .filter(({ executable, profile }) => executable !== null && profile.test)
    .map(({ executable, manifest_path, target: { name } }) => ({
      name,
      file: executable,
      folder: join(manifest_path, '..'),
    }))
  return { ok, programs }
}

/**
 * Builds the addon, and puts the loader that comes with it where the package has it.
 * @returns {Promise<{ ok: boolean, addon: string, declarations: string }>}
 */
export async function buildAddon() {
  const folder = join(target, 'addon')
  const declarations = join(folder, 'binding.d.cts')
  // As for this system, but for where it goes.
  const options = ['--target', GNU, '--output-dir', folder, '--', std('panic_unwind')]
  const { ok } = await run(
    ['npm', 'run', '--silent', 'build:native', '--', ...options],
    environment,
  )
  if (ok) copyFileSync(join(folder, 'binding.cjs'), join(root, 'binding.cjs'))
  return { ok, addon: join(folder, 'local-socket.win32-x64-gnu.node'), declarations }
}

/** Whether packages compile for Windows as Visual Studio builds for it; to link is impossible here. */
export async function checkMsvc(...packages) {
  return (await cargo('check', MSVC, std('panic_unwind'), packages)).ok
}

function cargo(command, triple, crates, args, options) {
  const all = ['/usr/bin/cargo', command, '--locked', '--target', triple, crates, ...args]
  return run(all, environment, { ...options, environmentShown: false })
}
