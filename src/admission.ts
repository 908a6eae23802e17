/**
 * Who may talk to whom: what users ask for, and what becomes of it. Rules are judged by the core;
 * a function is called here, before anybody gets the stream.
 */
import { types } from 'node:util'
import { argumentType, argumentValue, returnValue } from './argument-errors.js'
import type { Rules } from './binding.js'
import { checkInteger } from './checks.js'
import { peerOf } from './endpoint.js'
import type { Slot } from './endpoint.js'
import type { PeerCredentials } from './peer.js'

/**
 * One rule about a peer, judged by the kernel's word.
 *
 * - `'sameUser'`: the effective user of this process, as it is at that moment, and root.
 * - `'anyone'`: every peer, also one whose user is unknown.
 * - `{ uid }`: one user, by the effective user id. Not root besides.
 * - `{ gid }`: whoever is in a group, by the effective or a supplementary group id. Not root
 *   besides.
 */
export type AllowRule = 'sameUser' | 'anyone' | { readonly uid: number } | { readonly gid: number }

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

const ANYONE: Admission = { rules: undefined, judge: undefined }
const SAME_USER: Admission = { rules: { sameUser: true, uids: [], gids: [] }, judge: undefined }

/** The largest id there is: the next one stands for none (chown(2)). */
const LARGEST_ID = 2 ** 32 - 2

const WANTED = "'sameUser', 'anyone', { uid: number } or { gid: number }"

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
  if (key !== 'uid' && key !== 'gid') {
    if (key === undefined) throw argumentType(what, wanted, rule)
    throw argumentValue(`${what} has no rule ${JSON.stringify(key)}; it knows uid, gid`)
  }
  const id: unknown = (rule as Partial<Record<string, unknown>>)[key]
  checkInteger(id, 0, LARGEST_ID, `${what} { ${key} }`)
  return key === 'uid' ? { uid: id } : { gid: id }
}

/**
 * What has been checked, in the core's terms. Without it the kind of name decides: a path is
 * guarded by the permissions of its file, a namespaced name by nothing.
 */
export function admissionOf(allow: Allow | undefined, kind: 'path' | 'namespaced'): Admission {
  if (allow === undefined) return kind === 'path' ? ANYONE : SAME_USER
  if (typeof allow === 'function') return { rules: undefined, judge: allow }
  const list = isList(allow) ? allow : [allow]
  if (list.includes('anyone')) return ANYONE
  const rules = { sameUser: list.includes('sameUser'), uids: [] as number[], gids: [] as number[] }
  for (const rule of list) {
    if (typeof rule !== 'object') continue
    if ('uid' in rule) rules.uids.push(rule.uid)
    else rules.gids.push(rule.gid)
  }
  return { rules, judge: undefined }
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
