// Debian's packages: which are installed, and how others get here.
import { spawnSync } from 'node:child_process'

/** Whether apt-get did it, and what it said if not. */
export function apt(args, options = {}) {
  return outcome('apt-get', args, options)
}

/**
 * Sees to it that packages are installed, as root or through a sudo that asks for no password.
 * @param {readonly string[]} packages
 * @throws where that can't be: with the command for somebody who may
 */
export function install(packages) {
  const missing = packages.filter((name) => !isInstalled(name))
  if (missing.length === 0) return
  console.log(`installing ${missing.join(' ')}`)
  const asRoot = process.getuid() === 0 ? ['env'] : ['sudo', '--non-interactive', 'env']
  const [program, ...before] = [...asRoot, 'DEBIAN_FRONTEND=noninteractive', 'apt-get']
  const steps = [
    ['update', '--quiet=2'],
    ['install', '--yes', '--quiet=2', '--no-install-recommends', ...missing],
  ]
  for (const step of steps) {
    const { ok, said } = outcome(program, [...before, ...step])
    if (!ok) throw new Error(`${said}\nas root: apt-get install ${missing.join(' ')}`)
  }
}

function isInstalled(name) {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${db:Status-Status}', name], {
    encoding: 'utf8',
  })
  return status === 0 && stdout === 'installed'
}

function outcome(program, args, options = {}) {
  const { status, error, stderr } = spawnSync(program, args, { ...options, encoding: 'utf8' })
  return { ok: status === 0, said: error?.message ?? stderr.trim() }
}
