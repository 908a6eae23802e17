// Linux on a 64-bit ARM, which qemu emulates.
import { join } from 'node:path'

import { Cross } from '../cross.mjs'
import { root } from '../run.mjs'
import { Machine } from './machine.mjs'

const folder = join(root, 'target/cross')

export const arm = new Cross('aarch64-unknown-linux-gnu', {
  folder,
  linker: 'aarch64-linux-gnu-gcc',
  packages: [
    'gcc-aarch64-linux-gnu',
    'libc6-dev-arm64-cross',
    'libstdc++6-arm64-cross',
    'libatomic1-arm64-cross',
    'qemu-system-arm',
    'e2fsprogs',
  ],
})

export const machine = new Machine(join(folder, 'machine'))
