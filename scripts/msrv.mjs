// Checks that the core compiles with the Rust version that its manifest states: with rustup's
// toolchain of that version if it is installed, otherwise with Debian's packages of it, unpacked
// beside the build and not installed. Says "skipped" where neither is to be had.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

import { apt } from './debian.mjs'
import { root, run } from './run.mjs'

const CORE = 'local-socket-core'
const target = join(root, 'target', 'msrv')

const metadata = JSON.parse(
  execFileSync('cargo', ['metadata', '--locked', '--no-deps', '--format-version', '1'], {
    cwd: root,
    encoding: 'utf8',
  }),
)
const msrv = metadata.packages.find(({ name }) => name === CORE).rust_version
const toolchain = rustups(msrv) ?? (await debians(msrv))
if (toolchain === undefined) {
  console.log(`skipped: there is no Rust ${msrv}, neither rustup's nor Debian's`)
} else {
  console.log(`Rust ${msrv}: ${toolchain.what}`)
  for (const features of [[], ['--features', 'tokio']]) {
    const command = [...toolchain.cargo, 'check', '--locked', '-p', CORE, ...features]
    const { ok } = await run(command, { ...toolchain.environment, CARGO_TARGET_DIR: target })
    if (!ok) process.exit(1)
  }
}

/** Of rustup, if it has this version or a patch of it. */
function rustups(version) {
  const { status, stdout } = spawnSync('rustup', ['toolchain', 'list'], { encoding: 'utf8' })
  if (status !== 0) return undefined
  const names = stdout.split('\n').map((line) => line.split(' ')[0])
  const name = names.find((one) => one.startsWith(`${version}.`) || one.startsWith(`${version}-`))
  return name && { what: name, cargo: ['cargo', `+${name}`], environment: {} }
}

/** Of Debian, which keeps several versions for building browsers. */
async function debians(version) {
  const folder = join(target, 'debian')
  const unpacked = join(folder, 'root')
  const rustc = join(unpacked, 'usr', 'bin', 'rustc')
  if (!existsSync(rustc)) {
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(unpacked, { recursive: true })
    // The compiler alone, with the LLVM that it wants: today's cargo can use it.
    const ours = ['rustc-web', 'libstd-rust-web-dev', `libstd-rust-web-${version}`]
    if (!download(folder, ...ours.map((name) => `${name}=${version}.*`))) return undefined
    const llvm = debs(folder)
      .map((deb) => execFileSync('dpkg-deb', ['-f', deb, 'Depends'], { encoding: 'utf8' }))
      .flatMap((depends) => depends.match(/\blibllvm\d+\b/g) ?? [])
    if (llvm.length > 0 && !download(folder, ...new Set(llvm))) return undefined
    for (const deb of debs(folder)) {
      if (!(await run(['dpkg-deb', '-x', deb, unpacked])).ok) return undefined
    }
  }
  const libraries = join(unpacked, 'usr', 'lib', 'x86_64-linux-gnu')
  return {
    what: `Debian's, unpacked in ${unpacked}`,
    cargo: ['cargo'],
    environment: { RUSTC: rustc, LD_LIBRARY_PATH: libraries },
  }
}

/**
 * Puts Debian's packages into a folder; false, having said why, if one isn't to be had. A fresh
 * machine has no lists of them yet, so they are fetched when it fails at first.
 */
function download(folder, ...packages) {
  const fetched = () => apt(['download', ...packages], { cwd: folder })
  if (fetched().ok) return true
  const lists = apt(['update', '--quiet=2'])
  const { ok, said } = lists.ok ? fetched() : lists
  if (!ok) console.log(said)
  return ok
}

function debs(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.deb'))
  return names.map((name) => join(folder, name))
}
