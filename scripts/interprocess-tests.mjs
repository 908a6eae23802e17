// Runs the tests that interprocess has for its own local sockets against this crate in its place.
//
// They are taken from the source that cargo has fetched (it is a dependency of our tests), changed
// where they look into interprocess's insides, run in a temporary folder, and deleted with it: none
// of their text is kept here. The drawback: color-eyre, which they need, is fetched as well.
import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { root, run } from './run.mjs'

/** How many there are at least, so that none can go missing unseen: 17, one of them Linux's. */
const AT_LEAST = process.platform === 'linux' ? 17 : 16

/** What they use of interprocess's insides; the rest of what it has is public. */
const insides = `//! Interprocess's tests and what they use of its insides.
#![allow(dead_code, reason = "each system uses its own part")]

macro_rules! offset_of {
    ($($field:tt)*) => { ::std::mem::offset_of!($($field)*) };
}

pub use interprocess::{ConnectWaitMode, TryClone, local_socket, os};

pub(crate) trait BoolExt {
    fn to_usize(self) -> usize;
}

impl BoolExt for bool {
    fn to_usize(self) -> usize {
        self.into()
    }
}

pub(crate) trait SubUsizeExt {
    fn to_usize(self) -> usize;
}

impl SubUsizeExt for u8 {
    fn to_usize(self) -> usize {
        self.into()
    }
}

pub(crate) trait OrErrno<T> {
    fn true_val_or_errno(self, value: T) -> std::io::Result<T>;
}

impl<T> OrErrno<T> for bool {
    fn true_val_or_errno(self, value: T) -> std::io::Result<T> {
        if self { Ok(value) } else { Err(std::io::Error::last_os_error()) }
    }
}

pub(crate) fn cold_path() {}

pub(crate) fn aborting_panic(_: &str) -> ! {
    std::process::abort()
}

#[cfg(test)]
#[path = "../tests/index.rs"]
mod tests;
`

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
libc = "0.2"
interprocess = { package = "local-socket-core", path = ${JSON.stringify(join(root, 'crates/local-socket-core'))}, features = ["tokio"] }
tokio = { version = "1", features = ["io-util", "macros", "net", "rt", "sync", "time"] }

[dev-dependencies]
color-eyre = { version = "0.6.2", default-features = false }
`

/** [file, what is there, what it becomes] */
const changes = [
  // Pipes without names are no local sockets.
  ['index.rs', /^mod unnamed_pipe;$/m, ''],
  ['index.rs', /^#\[cfg\(feature = "tokio"\)\]\nmod tokio_unnamed_pipe;$/m, ''],
  // A name's insides: ours says what path it is.
  ['os/unix/local_socket/mode.rs', / Name, NameInner,/, ''],
  [
    'os/unix/local_socket/mode.rs',
    'if let Name(NameInner::UdSocketPath(path)) = name {',
    'if let Some(path) = name.as_path().map(std::path::Path::as_os_str) {',
  ],
]

/** The folder of the source of the interprocess that our tests depend on. */
function source() {
  const metadata = execFileSync('cargo', ['metadata', '--locked', '--format-version', '1'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  const found = JSON.parse(metadata).packages.find(({ name }) => name === 'interprocess')
  if (!found) throw new Error('interprocess is not among the dependencies')
  console.log(`interprocess ${found.version}`)
  return dirname(found.manifest_path)
}

const folder = mkdtempSync(join(tmpdir(), 'interprocess-tests-'))
try {
  const tests = join(folder, 'tests')
  cpSync(join(source(), 'tests'), tests, { recursive: true })
  for (const [file, there, instead] of changes) {
    const path = join(tests, file)
    const before = readFileSync(path, 'utf8')
    const after = before.replace(there, instead)
    if (after === before) throw new Error(`${file} has no ${there}: adapt this script to it`)
    writeFileSync(path, after)
  }
  mkdirSync(join(folder, 'src'))
  writeFileSync(join(folder, 'src/lib.rs'), insides)
  writeFileSync(join(folder, 'Cargo.toml'), manifest)
  // The same versions of what both depend on.
  cpSync(join(root, 'Cargo.lock'), join(folder, 'Cargo.lock'))

  const { output } = await run(
    ['cargo', 'test', '--lib', '--manifest-path', join(folder, 'Cargo.toml')],
    { CARGO_TARGET_DIR: join(root, 'target/interprocess-tests'), RUST_BACKTRACE: '0' },
  )
  const [, passed, failed] = /^test result: .* (\d+) passed; (\d+) failed;/m.exec(output) ?? []
  const ok = Number(failed) === 0 && Number(passed) >= AT_LEAST
  console.log(
    passed === undefined
      ? "\ninterprocess's tests didn't run"
      : `\ninterprocess's tests: ${passed} passed, ${failed} failed, of at least ${AT_LEAST}`,
  )
  process.exitCode = ok ? 0 : 1
} finally {
  rmSync(folder, { recursive: true, force: true })
}
