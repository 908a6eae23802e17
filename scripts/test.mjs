// Everything there is to test, in order; ends with one line that sums all suites.
import { run } from './run.mjs'

const tsc = ['npx', 'tsc']
const WAKES = ['uv', 'thread']

/** A step that is one check: built or not, typed or not. */
const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 })

/**
 * Adds up the "test result:" lines of cargo. What is not run by design is not skipped: the parts of a
 * test that run in processes of its own, and counts that take minutes and have a command.
 */
function cargo(ok, output) {
  const sum = (word) =>
    [...output.matchAll(new RegExp(`^test result: .* (\\d+) ${word}`, 'gm'))].reduce(
      (n, m) => n + Number(m[1]),
      0,
    )
  const byDesign = output.match(/^test .* \.\.\. ignored, (?:a part of|by command:) .*$/gm) ?? []
  return atLeastOneFailure(ok, {
    passed: sum('passed;'),
    failed: sum('failed;'),
    skipped: sum('ignored;') - byDesign.length,
  })
}

/** Adds up the closing lines of ava. */
function ava(ok, output) {
  const sum = (words) =>
    [...output.matchAll(new RegExp(`^\\s*(\\d+) (?:${words})\\s*$`, 'gm'))].reduce(
      (n, m) => n + Number(m[1]),
      0,
    )
  return atLeastOneFailure(ok, {
    passed: sum('tests? passed'),
    failed: sum('tests? failed|hooks? failed|unhandled rejections?|uncaught exceptions?'),
    skipped: sum('tests? skipped'),
  })
}

/** A suite that ended badly without a count has failed all the same. */
function atLeastOneFailure(ok, count) {
  return ok || count.failed > 0 ? count : { ...count, failed: 1 }
}

const suites = [
  {
    command: ['cargo', 'build', '--release', '--locked', '-p', 'local-socket-core', '--examples'],
    count: one,
  },
  {
    command: ['cargo', 'test', '--locked', '-p', 'local-socket-core', '--features', 'tokio'],
    count: cargo,
  },
  {
    command: ['cargo', 'test', '--locked', '-p', 'switch-ours', '-p', 'switch-theirs'],
    count: cargo,
  },
  { command: ['cargo', 'test', '--locked', '-p', 'local-socket-napi'], count: cargo },
  { command: ['npm', 'run', '--silent', 'build:native'], count: one },
  { command: [...tsc, '-p', 'tsconfig.json'], count: one },
  { command: [...tsc, '-p', 'tsconfig.tests.json'], count: one },
  ...WAKES.map((wake) => ({
    command: ['npx', 'ava'],
    environment: { LOCAL_SOCKET_WAKE: wake },
    count: ava,
  })),
]

const total = { passed: 0, failed: 0, skipped: 0 }
for (const { command, environment, count } of suites) {
  const { ok, output } = await run(command, environment)
  const counted = count(ok, output)
  for (const word of Object.keys(total)) total[word] += counted[word]
  if (!ok && count === one) break
}
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed === 0 ? 0 : 1
