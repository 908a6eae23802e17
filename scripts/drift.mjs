// Fails when the committed declarations of the binding differ from those just generated.
import { run } from './run.mjs'

const { ok } = await run(['git', 'diff', '--exit-code', '--stat', '--', 'binding.d.cts'])
if (!ok) {
  console.error('binding.d.cts is not what the build generates: commit it as generated')
  process.exit(1)
}
