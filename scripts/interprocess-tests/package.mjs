// The package that has interprocess's tests for local sockets, with this crate in its place.
//
// They are taken from the source that cargo has fetched (it is a dependency of our tests), changed
// where they look into interprocess's insides, written to a temporary folder, and deleted with it:
// none of their text is kept here. The drawback: color-eyre, which they need, is fetched as well.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { root } from '../run.mjs'
import { insides } from './insides.mjs'

const crate = JSON.stringify(join(root, 'crates/local-socket-core'))

const manifest = `[package]
name = "interprocess-tests"
version = "0.0.0"
edition = "2021"
publish = false
autotests = false

[workspace]

[features]
default = ["tokio"]
tokio = []

[dependencies]
interprocess = { package = "local-socket-core", path = ${crate}, features = ["tokio"] }
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "sync", "time"] }

[target.'cfg(unix)'.dependencies]
libc = "0.2"

[target.'cfg(windows)'.dependencies]
widestring = "1"
windows-sys = { version = "0.61", features = [
  "Win32_Foundation",
  "Win32_Security_Authorization",
  "Win32_System_LibraryLoader",
] }

[dev-dependencies]
color-eyre = { version = "0.6.2", default-features = false }
`

/** [file, what is there, what it becomes] */
const changes = [
  // Pipes without names are no local sockets, and named ones are interprocess's own here as well.
  ['index.rs', /^mod unnamed_pipe;$/m, ''],
  ['index.rs', /^#\[cfg\(feature = "tokio"\)\]\nmod tokio_unnamed_pipe;$/m, ''],
  ['index.rs', /^ *mod named_pipe;$/m, ''],
  ['index.rs', /^ *mod tokio_named_pipe;$/m, ''],
  // On a busy machine two seconds are few.
  ['util/wdt.rs', 'Duration::from_secs(2)', 'Duration::from_secs(20)'],
  // A name's insides: ours says what path it is.
  ['os/unix/local_socket/mode.rs', / Name, NameInner,/, ''],
  [
    'os/unix/local_socket/mode.rs',
    'if let Name(NameInner::UdSocketPath(path)) = name {',
    'if let Some(path) = name.as_path().map(std::path::Path::as_os_str) {',
  ],
]

/** How many tests there are at least on a system, so that none can go missing unseen. */
const AT_LEAST = { linux: 17, win32: 13 }
const AT_LEAST_ELSEWHERE = 16

/** @param {string} platform as Node calls the system that the tests are for */
export function atLeast(platform) {
  return AT_LEAST[platform] ?? AT_LEAST_ELSEWHERE
}

function cargo(...args) {
  const options = { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 }
  return execFileSync('cargo', args, options)
}

/** The folder of the source of the interprocess that our tests depend on. */
function source() {
  const { packages } = JSON.parse(cargo('metadata', '--locked', '--format-version', '1'))
  const found = packages.find(({ name }) => name === 'interprocess')
  if (!found) throw new Error('interprocess is not among the dependencies')
  console.log(`interprocess ${found.version}`)
  return dirname(found.manifest_path)
}

function change(tests) {
  for (const [file, there, instead] of changes) {
    const path = join(tests, file)
    const before = readFileSync(path, 'utf8')
    const after = before.replace(there, instead)
    if (after === before) throw new Error(`${file} has no ${there}: adapt this script to it`)
    writeFileSync(path, after)
  }
}

/**
 * Makes the package, and deletes it when the action is done.
 * @template T
 * @param {(manifest: string) => Promise<T>} action is given the path of its Cargo.toml
 * @returns {Promise<T>}
 */
export async function withPackage(action) {
  const folder = mkdtempSync(join(tmpdir(), 'interprocess-tests-'))
  try {
    const tests = join(folder, 'tests')
    cpSync(join(source(), 'tests'), tests, { recursive: true })
    change(tests)
    mkdirSync(join(folder, 'src'))
    writeFileSync(join(folder, 'src/lib.rs'), insides)
    const path = join(folder, 'Cargo.toml')
    writeFileSync(path, manifest)
    // The same versions of what both depend on; the rest is added.
    cpSync(join(root, 'Cargo.lock'), join(folder, 'Cargo.lock'))
    cargo('metadata', '--manifest-path', path, '--format-version', '1')
    return await action(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
