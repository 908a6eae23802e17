/**
 * Who may talk to whom: what users ask for, and what becomes of it. Rules are judged by the core;
 * a function is called here, before anybody gets the stream.
 */
import { types } from 'node:util'
import { argumentType, argumentValue, returnValue } from './argument-errors.js'
import { ON_WINDOWS } from './binding.js'
import type { Rules } from './binding.js'
import { checkInteger } from './checks.js'
import { peerOf } from './endpoint.js'
import type { Slot } from './endpoint.js'
import type { PeerCredentials } from './peer.js'

/**
 * One rule about a peer, judged by the kernel's word.
 *
 * - `'sameUser'`: the effective user of this process, as it is at that moment, and root. On Windows
 *   the user of this process, the system and administrators.
 * - `'anyone'`: every peer, also one whose user is unknown.
 * - `{ uid }`: Unix, one user, by the effective user id. Not root besides.
 * - `{ gid }`: Unix, whoever is in a group, by the effective or a supplementary group id. Not root
 *   besides.
 * - `{ sid }`: Windows, a user or a group by its security identifier, such as `S-1-5-18`, as
 *   `whoami /user` and `whoami /groups` show them. Not the system besides.
 *
 * A rule of the other system is refused with `ERR_INVALID_ARG_VALUE`.
 */
export type AllowRule =
  | 'sameUser'
  | 'anyone'
  | { readonly uid: number }
  | { readonly gid: number }
  | { readonly sid: string }

/**
 * Whom to accept as a peer: a rule, a list of rules of which one is enough (an empty one lets in
 * nobody), or a function that says true or false.
 *
 * A function is called on the JavaScript thread before anybody gets the stream. Only `true` lets
 * the peer in. It can't be async: a promise is not waited for, and refused like anything else that
 * is no boolean, or like an exception.
 */
export type Allow = AllowRule | readonly AllowRule[] | ((peer: PeerCredentials) => boolean)

export type Judge = (peer: PeerCredentials) => boolean

/** What an {@link Allow} comes to. */
export interface Admission {
  /** For the core; absent: everybody. */
  readonly rules: Rules | undefined
  /** Asked of those whom the rules let in. */
  readonly judge: Judge | undefined
}

const NO_RULES: Rules = { anyone: false, sameUser: false, uids: [], gids: [], sids: [] }
const UNRULED: Admission = { rules: undefined, judge: undefined }
/**
 * Windows has to be told: without a rule, a pipe has the system's default security descriptor, which
 * lets others open it for reading only.
 */
const EVERYBODY: Rules | undefined = ON_WINDOWS ? { ...NO_RULES, anyone: true } : undefined
const ANYONE: Admission = { rules: EVERYBODY, judge: undefined }
const SAME_USER: Admission = { rules: { ...NO_RULES, sameUser: true }, judge: undefined }

/** The largest id there is: the next one stands for none (chown(2)). */
const LARGEST_ID = 2 ** 32 - 2

const WANTED = ON_WINDOWS
  ? "'sameUser', 'anyone' or { sid: string }"
  : "'sameUser', 'anyone', { uid: number } or { gid: number }"

/** Whose ids this system has. */
const KEYS = ON_WINDOWS ? (['sid'] as const) : (['uid', 'gid'] as const)

/** What the ids of the other system are, and what to write here. */
const ELSEWHERE: Readonly<Record<string, string>> = ON_WINDOWS
  ? {
      uid: "are Unix's; Windows knows users by security identifiers: write { sid: 'S-1-5-21-…' }",
      gid: "are Unix's; Windows knows groups by security identifiers: write { sid: 'S-1-5-32-…' }",
    }
  : { sid: "are Windows'; here, write { uid: number } or { gid: number }" }

/** Revision 1, an authority of 48 bits, up to 15 sub-authorities of 32 bits (SID string format). */
const SID = /^S-1-(?:\d{1,15}|0x[\da-f]{1,12})(?:-\d{1,10}){1,15}$/i

/** Refuses what is no {@link Allow}. Gives a copy. */
export function checkAllow(allow: Allow | undefined, option: string): Allow | undefined {
  if (allow === undefined || typeof allow === 'function') return allow
  if (!isList(allow)) {
    return checkRule(allow, option, `${WANTED}, a list of these, or a function`)
  }
  return allow.map((rule, index) => checkRule(rule, `${option}, element ${index},`, WANTED))
}

function isList(allow: Allow): allow is readonly AllowRule[] {
  return Array.isArray(allow)
}

function checkRule(rule: AllowRule, what: string, wanted: string): AllowRule {
  if (rule === 'sameUser' || rule === 'anyone') return rule
  if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
    throw argumentType(what, wanted, rule)
  }
  const keys = Object.keys(rule)
  const [key] = keys
  if (keys.length > 1) {
    throw argumentValue(
      `${what} must have one id for each rule: write a list where either is enough, a function where it takes both. It has ${keys.join(', ')}`,
    )
  }
  if (key === undefined) throw argumentType(what, wanted, rule)
  const id: unknown = (rule as Partial<Record<string, unknown>>)[key]
  if (key === 'sid' && ON_WINDOWS) return { sid: checkedSid(id, `${what} { sid }`) }
  if ((key !== 'uid' && key !== 'gid') || ON_WINDOWS) {
    const elsewhere = ELSEWHERE[key]
    throw argumentValue(
      elsewhere === undefined
        ? `${what} has no rule ${JSON.stringify(key)}; it knows ${KEYS.join(', ')}`
        : `${what} can't be { ${key} }: those ids ${elsewhere}`,
    )
  }
  checkInteger(id, 0, LARGEST_ID, `${what} { ${key} }`)
  return key === 'uid' ? { uid: id } : { gid: id }
}

function checkedSid(id: unknown, what: string): string {
  if (typeof id !== 'string') {
    throw argumentType(what, "a security identifier, such as 'S-1-5-18'", id)
  }
  if (!SID.test(id)) {
    throw argumentValue(
      `${what} must be a security identifier, such as 'S-1-5-18'. Received ${JSON.stringify(id)}`,
    )
  }
  return id
}

/**
 * What has been checked, in the core's terms. Without it the kind of name decides: a path is
 * guarded by the permissions of its file, a namespaced name by nothing.
 */
export function admissionOf(allow: Allow | undefined, kind: 'path' | 'namespaced'): Admission {
  if (allow === undefined) return kind === 'path' ? UNRULED : SAME_USER
  if (typeof allow === 'function') return { rules: EVERYBODY, judge: allow }
  const list = isList(allow) ? allow : [allow]
  if (list.includes('anyone')) return ANYONE
  const [uids, gids, sids]: [number[], number[], string[]] = [[], [], []]
  for (const rule of list) {
    if (typeof rule !== 'object') continue
    if ('uid' in rule) uids.push(rule.uid)
    else if ('gid' in rule) gids.push(rule.gid)
    else sids.push(rule.sid)
  }
  const sameUser = list.includes('sameUser')
  return { rules: { ...NO_RULES, sameUser, uids, gids, sids }, judge: undefined }
}

/** What a function said of a peer. */
export interface Verdict {
  readonly admitted: boolean
  readonly peer: PeerCredentials
  /** What it threw, or what is wrong with its answer. */
  readonly cause?: unknown
}

/** Asks the function about the peer of a stream; `what` is what it is called. Never throws. */
export function ask(judge: Judge, slot: Slot, what: string): Verdict {
  let peer: PeerCredentials = {}
  try {
    peer = peerOf(slot)
    const answer: unknown = judge(peer)
    if (typeof answer === 'boolean') return { admitted: answer, peer }
    // Its rejection would be an unhandled one, and end the process for the sake of a refused peer.
    if (types.isPromise(answer)) answer.catch(nothing)
    return { admitted: false, peer, cause: returnValue(what, 'true or false at once', answer) }
  } catch (cause) {
    return { admitted: false, peer, cause }
  }
}

function nothing(): void {}
