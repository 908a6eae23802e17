// Runs the tests that interprocess has for its own local sockets against this crate in its place.
import { join } from 'node:path'

import { atLeast, withPackage } from './interprocess-tests/package.mjs'
import { root, run } from './run.mjs'

const { output } = await withPackage((manifest) =>
  run(['cargo', 'test', '--locked', '--lib', '--manifest-path', manifest], {
    CARGO_TARGET_DIR: join(root, 'target/interprocess-tests'),
    RUST_BACKTRACE: '0',
  }),
)
const [, passed, failed] = /^test result: .* (\d+) passed; (\d+) failed;/m.exec(output) ?? []
const expected = atLeast(process.platform)
console.log(
  passed === undefined
    ? "\ninterprocess's tests didn't run"
    : `\ninterprocess's tests: ${passed} passed, ${failed} failed, of at least ${expected}`,
)
process.exitCode = Number(failed) === 0 && Number(passed) >= expected ? 0 : 1
