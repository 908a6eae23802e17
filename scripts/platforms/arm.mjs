// Linux on a 64-bit ARM, emulated by qemu.
import { join } from 'node:path'

import { Cross } from '../cross.mjs'
import { root, run } from '../run.mjs'

/** The folder in which Debian has the C library of that processor. */
const LIBRARIES = '/usr/aarch64-linux-gnu'

const WITH_ARM = join(root, 'scripts/platforms/with-arm.sh')

export const arm = new Cross('aarch64-unknown-linux-gnu', {
  folder: join(root, 'target/cross'),
  linker: 'aarch64-linux-gnu-gcc',
  packages: [
    'gcc-aarch64-linux-gnu',
    'libc6-dev-arm64-cross',
    'libstdc++6-arm64-cross',
    'libatomic1-arm64-cross',
    'qemu-user',
  ],
})

/** Runs programs of that processor. */
export const emulated = {
  path: (file) => file,
  has: () => true,

  async run(name, command, { folder, minutes, environment = {} }) {
    console.log(`\nunder qemu: ${name}`)
    const limited = ['timeout', '--kill-after=5', `${minutes}m`, 'sh', WITH_ARM, ...command]
    return run(limited, { QEMU_LD_PREFIX: LIBRARIES, ...environment }, { folder })
  },
}
