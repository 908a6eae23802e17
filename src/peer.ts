/** Who is at the other end, by the word of the kernel. What the system does not tell is absent. */
export interface PeerCredentials {
  /** Process id. Absent where the peer lives in another pid namespace. */
  readonly pid?: number
  /**
   * Effective user id. Absent where the kernel can't say it in terms of this process: a user of
   * another user namespace that is not mapped here. `'sameUser'` never lets such a peer in.
   */
  readonly uid?: number
  /** Effective group id. Absent as `uid` is. */
  readonly gid?: number
  /**
   * Supplementary groups; the effective one need not be among them. Linux, and of macOS and FreeBSD
   * the first 16. Absent elsewhere, and on Linux in what is told of a peer that rules or limits
   * refused.
   */
  readonly groups?: readonly number[]
}

/** What is shown of a peer is the kernel's word, and not to be changed. */
export function sealed(peer: PeerCredentials): PeerCredentials {
  if (peer.groups !== undefined) Object.freeze(peer.groups)
  return Object.freeze(peer)
}
