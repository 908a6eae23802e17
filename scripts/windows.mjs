// Everything there is to test on Windows: on Windows itself as everywhere else, on Linux built for
// Windows and run under Wine. Ends with one line that sums all suites.
//
// Arguments choose part of it: `rust`, `typescript`, `msvc`, and names of test programs and specs.
import { copyFileSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

import { ava, cargo, one, Total } from './count.mjs'
import { root, run } from './run.mjs'
import { gnu, msvc, prepareCompiler } from './windows/build.mjs'
import { prepareNode } from './windows/node.mjs'
import { Windows } from './windows/program.mjs'
import { skippedUnderWine } from './windows/skipped.mjs'
import { prepareWine } from './windows/wine.mjs'

/** Where Wine and Node for Windows are kept. */
const CACHE = resolve(root, process.env['LOCAL_SOCKET_WINDOWS_CACHE'] ?? '.windows')
/** The oldest that is supported, and the newest of long support. */
const NODES = [20, 24]
const CORE = ['-p', 'local-socket-core']
const CORE_ON_TOKIO = [...CORE, '--features', 'tokio']
const SWITCHED = ['-p', 'switch-ours', '-p', 'switch-theirs']
const BINDING = ['-p', 'local-socket-napi']
/** What a test program, and all specs in one Node, may take. */
const PROGRAM_MINUTES = 5
const SPECS_MINUTES = 15

const STEPS = ['rust', 'typescript', 'msvc']
const chosen = process.argv.slice(2).filter((word) => STEPS.includes(word))
const steps = new Set(chosen.length > 0 ? chosen : STEPS)
const names = process.argv.slice(2).filter((word) => !STEPS.includes(word))

const total = new Total()
/** Tests that only a real Windows can run. */
const realOnly = []

/** Adds up a step; those of its tests that had to pass without doing anything count apart. */
function add({ passed, failed, skipped }, output = '') {
  const here = skippedUnderWine(output)
  realOnly.push(...here)
  total.add({ passed: passed - here.length, failed, skipped })
}

async function underWine() {
  prepareCompiler()
  const wine = prepareWine(CACHE)
  const nodes = []
  for (const major of NODES) nodes.push({ major, program: await prepareNode(CACHE, major) })
  const windows = new Windows(wine, CACHE)

  if (steps.has('rust')) {
    for (const packages of [CORE_ON_TOKIO, SWITCHED]) await rust(windows, packages)
  }
  if (steps.has('typescript')) await typescript(windows, nodes)
  if (steps.has('msvc')) {
    for (const packages of [CORE, CORE_ON_TOKIO, BINDING]) add(one(await msvc.check(...packages)))
  }

  if (realOnly.length > 0) console.log(`\nskipped under Wine:\n${realOnly.join('\n')}`)
  const count = realOnly.length > 0 ? `, ${realOnly.length} skipped under Wine` : ''
  console.log(`\n${total.line()}${count}`)
  process.exitCode = total.failed === 0 ? 0 : 1
}

/** Builds and runs the tests of packages. */
async function rust(windows, packages) {
  const { ok, programs } = await gnu.tests(...packages)
  add(one(ok))
  const wanted = programs.filter(({ name }) => names.length === 0 || names.includes(name))
  for (const { name, file, folder } of wanted) {
    const ran = await windows.run(name, [file, '--show-output'], {
      folder,
      minutes: PROGRAM_MINUTES,
    })
    // A program that ended before its tests did has no result, whatever its exit code says.
    const ended = /^test result: /m.test(ran.output)
    add(cargo(ran.ok && ended, ran.output), ran.output)
  }
}

/** Builds the addon and the specs, and runs them in each Node. */
async function typescript(windows, nodes) {
  const { ok, folder } = await gnu.addon()
  add(one(ok))
  if (!ok) return
  // One description of the binding is true of every system.
  add(one(sameText(join(folder, 'binding.d.cts'), join(root, 'binding.d.cts'))))
  copyFileSync(join(folder, 'binding.cjs'), join(root, 'binding.cjs'))
  for (const project of ['tsconfig.json', 'tsconfig.tests.json']) {
    const built = await run(['npx', 'tsc', '-p', project])
    add(one(built.ok))
    if (!built.ok) return
  }
  const specs = names.map((name) => `build/__test__/**/${name}.spec.js`)
  const newest = windows.path(nodes.at(-1).program)
  for (const { major, program } of nodes) {
    const command = [program, join(root, 'node_modules/ava/entrypoints/cli.mjs'), ...specs]
    const ran = await windows.run(`the specs in Node ${major}`, command, {
      folder: root,
      minutes: SPECS_MINUTES,
      environment: {
        NAPI_RS_NATIVE_LIBRARY_PATH: windows.path(join(folder, 'local-socket.win32-x64-gnu.node')),
        LOCAL_SOCKET_NODE_NEWER: newest,
      },
    })
    add(ava(ran.ok, ran.output), ran.output)
  }
}

function sameText(file, other) {
  const same = readFileSync(file, 'utf8') === readFileSync(other, 'utf8')
  if (!same) console.log(`${file} is not what ${other} is`)
  return same
}

await (process.platform === 'win32' ? import('./test.mjs') : underWine())
