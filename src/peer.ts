/**
 * Who is at the other end, by the word of the kernel. What the system does not tell is absent: Unix
 * knows users by `uid`, Windows by `sid`, and a peer whose user is unknown has neither.
 */
export interface PeerCredentials {
  /** Process id. Absent where the peer lives in another pid namespace. */
  readonly pid?: number
  /**
   * Unix: effective user id. Absent where the kernel can't say it in terms of this process: a user
   * of another user namespace that is not mapped here. `'sameUser'` never lets such a peer in.
   */
  readonly uid?: number
  /** Unix: effective group id. Absent as `uid` is. */
  readonly gid?: number
  /**
   * Supplementary groups; the effective one need not be among them. Linux, and of macOS and FreeBSD
   * the first 16. Absent elsewhere, and on Linux in what is told of a peer that rules or limits
   * refused.
   */
  readonly groups?: readonly number[]
  /**
   * Windows: the user's security identifier, such as `S-1-5-18` for the system. Of a client it is
   * that of the token with which it opened the pipe; absent for one that keeps the system from
   * telling, as it may, and, of programs that open pipes without static tracking (`node:net` does),
   * until they have sent something. Of a server it is the owner of the pipe. Source:
   * ImpersonateNamedPipeClient, GetSecurityInfo.
   */
  readonly sid?: string
  /** Windows: the session (Remote Desktop Services) that the process at the other end is in. */
  readonly session?: number
}

/** What is shown of a peer is the kernel's word, and not to be changed. */
export function sealed(peer: PeerCredentials): PeerCredentials {
  if (peer.groups !== undefined) Object.freeze(peer.groups)
  return Object.freeze(peer)
}
