// A Wine that runs today's Node: Debian 13's, unpacked in the cache folder. Debian 12's is too old.
//
// Nothing is installed, mounted or run as root: the packages are unpacked into a folder, and the two
// programs of Wine get that folder's C library, since this system's own is older. What is given up:
// the folder can't be moved (it's made anew then), and what a package does when it's installed, which
// matters for one of them, is done here.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { unpack } from '../debian.mjs'

/** The release of Debian that has Wine 10. */
const RELEASE = 'trixie'
/** Packages to take, each with all that it depends on. */
const PACKAGES = ['wine64', 'patchelf']
const LIBRARIES = 'usr/lib/x86_64-linux-gnu'

/**
 * Makes Wine and a Windows' drive C: for it, unless they are there.
 * @param {string} cache the folder to keep them in
 * @returns {{ wine: string, server: string, environment: Record<string, string> }}
 */
export function prepareWine(cache) {
  const root = join(cache, 'wine')
  const prefix = join(cache, 'prefix')
  const done = join(cache, 'wine.done')
  if (!existsSync(done) || readFileSync(done, 'utf8') !== root) {
    rmSync(done, { force: true })
    for (const folder of [root, prefix]) rmSync(folder, { recursive: true, force: true })
    console.log(`fetching Wine of Debian's ${RELEASE}`)
    const wanted = { release: RELEASE, architecture: 'amd64', packages: PACKAGES }
    unpack(wanted, root, join(cache, 'apt'))
    useOwnLibraries(root)
    addCompression(root)
    makePrefix(root, prefix)
    writeFileSync(done, root)
  }
  return wineIn(root, prefix)
}

function wineIn(root, prefix) {
  return {
    wine: join(root, 'usr/lib/wine/wine64'),
    server: join(root, 'usr/lib/wine/wineserver'),
    environment: {
      WINEPREFIX: prefix,
      WINEDEBUG: '-all',
      // No .NET, no browser, no screen.
      WINEDLLOVERRIDES: 'mscoree,mshtml,winex11.drv,winewayland.drv=',
    },
  }
}

/** Lets Wine's programs start with the C library of their own release, and find all others there. */
function useOwnLibraries(root) {
  const libraries = join(root, LIBRARIES)
  const loader = join(libraries, 'ld-linux-x86-64.so.2')
  const programs = join(root, 'usr/lib/wine')
  for (const name of ['wine64', 'wineserver64']) {
    const change = ['--set-interpreter', loader, '--force-rpath', '--set-rpath', libraries]
    const patchelf = join(root, 'usr/bin/patchelf')
    execFileSync(loader, ['--library-path', libraries, patchelf, ...change, join(programs, name)])
  }
  // Instead of Debian's script, which looks for the server in /usr.
  rmSync(join(programs, 'wineserver'))
  symlinkSync('wineserver64', join(programs, 'wineserver'))
  // They look for their data here, relative to themselves, before they look in /usr.
  symlinkSync('.', join(root, 'usr/share/wine/wine'))
}

/**
 * Puts the DLL that Wine's own need where they find it, which the package does when it's installed.
 * Wine takes a DLL there for its own only with this mark between the headers of DOS and of Windows.
 */
function addCompression(root) {
  const name = 'zlib1.dll'
  const dll = readFileSync(join(root, 'usr/x86_64-w64-mingw32/lib', name))
  dll.fill(0, 64, 96).write('Wine builtin DLL', 64, 'latin1')
  writeFileSync(join(root, LIBRARIES, 'wine/x86_64-windows', name), dll)
}

/** Starts Windows for the first time, which makes its folders and its registry. */
function makePrefix(root, prefix) {
  const made = wineIn(root, `${prefix}.new`)
  rmSync(`${prefix}.new`, { recursive: true, force: true })
  const options = { env: { ...process.env, ...made.environment }, timeout: 120_000 }
  execFileSync(made.wine, ['wineboot', '--init'], { ...options, stdio: 'ignore' })
  execFileSync(made.server, ['--wait'], options)
  renameSync(`${prefix}.new`, prefix)
}
