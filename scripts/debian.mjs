// Debian's packages: which are installed, and how others get here.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg'

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

/**
 * Fetches packages of another release or architecture, each with all that it depends on, and unpacks
 * them into a folder, as apt and dpkg of this system do for any user. Nothing is set up: what packages
 * do when they are installed is left to the caller.
 * @param {{ release: string, architecture: string, packages: readonly string[] }} wanted
 * @param {string} folder
 * @param {string} apts a folder for apt's own files, which is removed
 */
export function unpack({ release, architecture, packages }, folder, apts) {
  rmSync(apts, { recursive: true, force: true })
  for (const part of ['state/lists/partial', 'cache/archives/partial']) {
    mkdirSync(join(apts, part), { recursive: true })
  }
  writeFileSync(join(apts, 'status'), '')
  writeFileSync(join(apts, 'sources.list'), `deb [signed-by=${KEYS}] ${mirror()} ${release} main\n`)
  const settings = join(apts, 'apt.conf')
  writeFileSync(
    settings,
    [
      `Dir::State "${apts}/state";`,
      `Dir::State::status "${apts}/status";`,
      `Dir::Cache "${apts}/cache";`,
      `Dir::Etc::SourceList "${apts}/sources.list";`,
      ...['SourceParts', 'Preferences', 'PreferencesParts'].map(
        (name) => `Dir::Etc::${name} "/dev/null";`,
      ),
      `APT::Architecture "${architecture}";`,
      `APT::Architectures { "${architecture}"; };`,
      'APT::Sandbox::User "root";',
      'Acquire::Languages "none";',
      'Debug::NoLocking "true";',
    ].join('\n'),
  )
  const download = ['install', '--yes', '--quiet=2', '--download-only', '--no-install-recommends']
  for (const step of [
    ['update', '--quiet=2'],
    [...download, ...packages],
  ]) {
    const { ok, said } = apt(step, { env: { ...process.env, APT_CONFIG: settings } })
    if (!ok) throw new Error(said)
  }
  mkdirSync(folder, { recursive: true })
  const archives = join(apts, 'cache/archives')
  for (const name of readdirSync(archives).filter((one) => one.endsWith('.deb'))) {
    execFileSync('dpkg-deb', ['--extract', join(archives, name), folder])
  }
  rmSync(apts, { recursive: true, force: true })
}

/** Where this machine gets Debian from. A fresh one has no lists yet, and then apt tells of none. */
function mirror() {
  const codename = /^VERSION_CODENAME=(.*)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1]
  const filters = [`Release: ${codename}`, 'Component: main']
  const asked = () =>
    execFileSync('apt-get', ['indextargets', '--format', '$(REPO_URI)', ...filters], {
      encoding: 'utf8',
    }).split('\n')[0]
  const known = asked()
  if (known !== '') return known
  const { ok, said } = apt(['update', '--quiet=2'])
  const found = ok ? asked() : ''
  if (found === '') throw new Error(`apt knows no source of Debian's ${codename}\n${said}`)
  return found
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
