// The disk of an emulated machine: Debian's packages for its processor, and files of the project.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join, relative } from 'node:path'

import { unpack } from '../debian.mjs'
import { root } from '../run.mjs'

/** Its kernel has what newer tests ask for, and its C library is no older than this system's. */
const RELEASE = 'trixie'
const PACKAGES = [
  // A kernel that needs no modules to start from a disk.
  'linux-image-cloud-arm64',
  // What the machine is run with, and programs of tests are linked with.
  'base-files base-passwd coreutils dash hostname iproute2 mount procps util-linux',
  'libatomic1 libstdc++6',
  // Those that tests talk to.
  'netcat-openbsd postgresql python3 redis-server redis-tools socat systemd',
].flatMap((names) => names.split(' '))
/** Room for the packages and the programs; the file is as large as what is in it. */
const SIZE = '8G'
const INIT = join(root, 'scripts/platforms/init.sh')

/**
 * Fetches the packages, unless they are there.
 * @param {string} cache the folder to keep them in
 * @returns {string} the folder in which they are unpacked
 */
export function prepareSystem(cache) {
  const system = join(cache, 'system')
  const done = join(cache, 'system.done')
  if (existsSync(done)) return system
  console.log(`fetching Debian's ${RELEASE} for a 64-bit ARM`)
  rmSync(system, { recursive: true, force: true })
  const wanted = { release: RELEASE, architecture: 'arm64', packages: PACKAGES }
  unpack(wanted, system, join(cache, 'apt'))
  // What is done when these packages are installed.
  for (const name of ['passwd', 'group']) {
    copyFileSync(join(system, `usr/share/base-passwd/${name}.master`), join(system, 'etc', name))
  }
  symlinkSync('nc.openbsd', join(system, 'usr/bin/nc'))
  writeFileSync(join(system, 'etc/hosts'), '127.0.0.1 localhost\n')
  writeFileSync(done, '')
  return system
}

/** The kernel among the packages, as a file of this system. */
export function kernelOf(system) {
  const name = readdirSync(join(system, 'boot')).find((file) => file.startsWith('vmlinuz-'))
  return join(system, 'boot', name)
}

/**
 * Makes a disk that has a system, and files of the project where they are here.
 * @param {string} system
 * @param {readonly string[]} files those that aren't there are left out
 * @param {string} disk the file to make
 */
export function makeDisk(system, files, disk) {
  const staged = `${disk}.staged`
  for (const old of [staged, disk]) rmSync(old, { recursive: true, force: true })
  copy('--no-target-directory', system, staged)
  copyFileSync(INIT, join(staged, 'init'))
  chmodSync(join(staged, 'init'), 0o755)
  const project = join(staged, root)
  mkdirSync(project, { recursive: true })
  const there = files.filter((file) => existsSync(file)).map((file) => relative(root, file))
  copy('--parents', '--target-directory', project, ...there)
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', staged, disk, SIZE], {
    env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  rmSync(staged, { recursive: true })
}

/** Copies what is only going to be read, without its bytes. */
function copy(...args) {
  execFileSync('cp', ['--archive', '--link', ...args], { cwd: root })
}
