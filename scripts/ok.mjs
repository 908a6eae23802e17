// What a person runs before committing: format, lint, generated files, every test.
import { run } from './run.mjs'

const steps = [
  ['npm', 'run', '--silent', 'format:check'],
  ['npm', 'run', '--silent', 'lint'],
  ['npm', 'test'],
  ['node', 'scripts/drift.mjs'],
]
for (const step of steps) {
  if (!(await run(step)).ok) {
    console.error(`\nnot ok: ${step.join(' ')}`)
    process.exit(1)
  }
}
console.log('\nok')
