// Everything there is to test, in order; ends with one line that sums all suites.
import { ava, cargo, one, Total } from './count.mjs'
import { run } from './run.mjs'

const tsc = ['npx', 'tsc']
const WAKES = process.platform === 'win32' ? ['thread'] : ['uv', 'thread']

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

const total = new Total()
for (const { command, environment, count } of suites) {
  const { ok, output } = await run(command, environment)
  total.add(count(ok, output))
  if (!ok && count === one) break
}
console.log(`\n${total.line()}`)
process.exitCode = total.failed === 0 ? 0 : 1
