/** Who this process is, by the kernel's word, and rules that let it in or keep it out. */
import {
  connect,
  listen,
  type Allow,
  type AllowRule,
  type PeerCredentials,
  type Stream,
} from 'local-socket'

import { wrong } from './failures.js'
import { windows } from './platform.js'

const OWN_SID = windows ? await ownSid() : undefined

/** Lets this user in. */
export const OWN: AllowRule =
  OWN_SID === undefined ? { uid: process.getuid?.() ?? 0 } : { sid: OWN_SID }

/** Lets a user in as whom no test runs. */
export const STRANGER: AllowRule = windows ? { sid: 'S-1-5-21-1-2-3-60000' } : { uid: 60_000 }

/**
 * Lets nobody in, and each client learns of it by a connection that ends: a pipe whose rules say so
 * isn't opened in the first place.
 */
export const REFUSING: Allow = windows ? () => false : STRANGER

/** Whether this is the user that this process runs as. */
export function isOwn(peer: PeerCredentials | undefined): boolean {
  if (peer === undefined) return false
  return windows ? peer.sid === OWN_SID : peer.uid === process.getuid?.()
}

/** What a message must say that admits this user. */
export function ownRule(option: 'allow' | 'server'): string {
  return windows
    ? `{ ${option}: { sid: '${OWN_SID}' } }`
    : `{ ${option}: { uid: ${process.getuid?.()} } }`
}

/** The process and its user, as far as the system tells. */
export function identity({ pid, uid, gid, sid }: PeerCredentials): PeerCredentials {
  return wrong<PeerCredentials>(windows ? { pid, sid } : { pid, uid, gid })
}

/** This process, in the same terms. */
export function ownIdentity(): PeerCredentials {
  const { pid } = process
  return wrong<PeerCredentials>(
    windows ? { pid, sid: OWN_SID } : { pid, uid: process.getuid?.(), gid: process.getgid?.() },
  )
}

async function ownSid(): Promise<string> {
  const name = `local-socket-own-sid-${process.pid}`
  const listener = await listen(name, { allow: 'anyone' })
  let client: Stream | undefined
  try {
    client = await connect(name, { server: 'anyone' })
    const { peer } = await listener.accept()
    const { sid } = peer
    if (sid === undefined) throw new Error('the system does not say who this user is')
    return sid
  } finally {
    client?.destroy()
    await listener.close()
  }
}
