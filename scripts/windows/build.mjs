// The builds for Windows: with GNU's linker, which this system has, and as Visual Studio's.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { Cross } from '../cross.mjs'
import { root } from '../run.mjs'

const folder = join(root, 'target/windows')
const libnode = join(folder, 'libnode')
const environment = { LIBNODE_PATH: libnode }

export const gnu = new Cross('x86_64-pc-windows-gnu', {
  folder,
  linker: 'x86_64-w64-mingw32-gcc',
  packages: ['gcc-mingw-w64-x86-64', 'g++-mingw-w64-x86-64'],
  environment,
})
/** The same code for the Windows of most people. It can't be linked here. */
export const msvc = new Cross('x86_64-pc-windows-msvc', { folder, environment })

/** Sees to the compiler and to what the linker asks for. */
export function prepareCompiler() {
  gnu.prepare()
  // The addon finds Node's functions in the process that loads it; napi-build wants a library of
  // them all the same, and is content with an empty one.
  mkdirSync(libnode, { recursive: true })
  writeFileSync(join(libnode, 'libnode.dll'), '')
  writeFileSync(join(libnode, 'libnode.dll.a'), '!<arch>\n')
}
