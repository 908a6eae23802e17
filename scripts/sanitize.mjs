// Runs the core's tests under a tool that sees what tests can't: `sanitize.mjs thread` looks for
// data races (ThreadSanitizer), `sanitize.mjs miri` for undefined behaviour (Miri). Both need a
// nightly toolchain with one more component; without it this says so and fails, since a tool that
// can't look has found nothing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'

import { root, run } from './run.mjs'

const CORE = ['--locked', '-p', 'local-socket-core']
const nightly = capture('rustc', ['+nightly', '--version'])
const sysroot = capture('rustc', ['+nightly', '--print', 'sysroot'])
const host = capture('rustc', ['+nightly', '-vV'])?.match(/^host: (.*)$/m)?.[1]

const tools = {
  thread: {
    // Without its source, the standard library isn't instrumented, and every lock and thread of it
    // would be reported as a race.
    component: 'rust-src',
    file: 'lib/rustlib/src/rust/library/std/src/lib.rs',
    commands: [
      [
        'test',
        '-Zbuild-std',
        '--target',
        host,
        ...CORE,
        '--features=tokio',
        ...tests('stress', 'stress_tokio', 'bytes', 'halves'),
      ],
    ],
    environment: {
      RUSTFLAGS: '-Zsanitizer=thread',
      TSAN_OPTIONS: `halt_on_error=1 suppressions="${join(root, 'scripts/thread-sanitizer.supp')}"`,
    },
  },
  miri: {
    component: 'miri',
    file: 'bin/cargo-miri',
    // It has no sockets: of the library the part that has `unsafe` and needs none, and of the tests
    // those that don't open any; the others in these files are marked.
    commands: [
      ['miri', 'test', ...CORE, '--lib', 'guarded::'],
      [
        'miri',
        'test',
        ...CORE,
        ...tests('names', 'name_text', 'framed_format', 'framed_reading', 'framed_writing'),
      ],
    ],
    // Clocks, and a thread that closes descriptors for as long as the process lives.
    environment: { MIRIFLAGS: '-Zmiri-disable-isolation -Zmiri-ignore-leaks' },
  },
}

const tool = tools[process.argv[2]]
if (tool === undefined || process.argv.length > 3) {
  fail(`usage: node scripts/sanitize.mjs ${Object.keys(tools).join('|')}`)
} else if (nightly === undefined) {
  fail('there is no nightly toolchain: rustup toolchain install nightly')
} else if (!existsSync(join(sysroot, tool.file))) {
  fail(
    `${nightly} lacks the component ${tool.component}: ` +
      `rustup component add ${tool.component} --toolchain nightly`,
  )
} else {
  console.log(nightly)
  const target = join(root, 'target', process.argv[2])
  const environment = { ...tool.environment, CARGO_TARGET_DIR: target }
  for (const command of tool.commands) {
    const { ok } = await run(['cargo', '+nightly', ...command], environment)
    if (!ok) process.exitCode = 1
  }
}

function tests(...names) {
  return names.flatMap((name) => ['--test', name])
}

/** What a program prints; undefined if there is none, or it fails. */
function capture(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

function fail(reason) {
  console.error(reason)
  process.exitCode = 1
}
