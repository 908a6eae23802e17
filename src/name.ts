/**
 * Names of local sockets: what may be one, and how a plain string is understood.
 */
import { argumentType, argumentValue, illegalConstructor } from './argument-errors.js'
import { checkName, errnoOf, ON_WINDOWS } from './binding.js'
import type { NameFacts, NameKind, SocketName } from './binding.js'
import { faultError } from './errors.js'

/** How a name type is told from others that look like it. */
declare const nameType: unique symbol

/** The name type for paths, on every system. On Windows the path must be that of a pipe. */
export interface GenericFilePath {
  readonly [nameType]: 'GenericFilePath'
}

/**
 * The name type for names that belong to no folder: Linux, the abstract namespace; other Unix,
 * `/tmp/` and the name; Windows, `\\.\pipe\` and the name.
 */
export interface GenericNamespaced {
  readonly [nameType]: 'GenericNamespaced'
}

/** The name type for paths of Unix-domain sockets. On Windows: `ENOTSUP`. */
export interface FilesystemUdSocket {
  readonly [nameType]: 'FilesystemUdSocket'
}

/** The name type for Linux's abstract namespace. Elsewhere: `ENOTSUP`. See unix(7). */
export interface AbstractNsUdSocket {
  readonly [nameType]: 'AbstractNsUdSocket'
}

function nameTypeOf<T extends object>(name: string): T {
  return Object.freeze(Object.defineProperty({}, Symbol.toStringTag, { value: name })) as T
}

/** The name type for paths, on every system. On Windows the path must be that of a pipe. */
export const GenericFilePath: GenericFilePath = nameTypeOf('GenericFilePath')

/**
 * The name type for names that belong to no folder: Linux, the abstract namespace; other Unix,
 * `/tmp/` and the name; Windows, `\\.\pipe\` and the name.
 */
export const GenericNamespaced: GenericNamespaced = nameTypeOf('GenericNamespaced')

/** The name type for paths of Unix-domain sockets. On Windows: `ENOTSUP`. */
export const FilesystemUdSocket: FilesystemUdSocket = nameTypeOf('FilesystemUdSocket')

/** The name type for Linux's abstract namespace. Elsewhere: `ENOTSUP`. See unix(7). */
export const AbstractNsUdSocket: AbstractNsUdSocket = nameTypeOf('AbstractNsUdSocket')

let create: (kind: NameKind, text: string, facts: NameFacts) => Name
let targetOf: (name: Name) => { kind: NameKind; text: string }

/** Where a local socket is found. Made by {@link toFsName} and {@link toNsName}. */
export class Name {
  static #making = false

  static {
    create = (kind, text, facts) => {
      Name.#making = true
      return new Name(kind, text, facts)
    }
    targetOf = (name) => ({ kind: name.#kind, text: name.#text })
    // What `console.log` shows. The symbol is known without Node's module, which others lack.
    Object.defineProperty(Name.prototype, Symbol.for('nodejs.util.inspect.custom'), {
      value(this: Name) {
        return `Name(${this.toString()})`
      },
    })
  }

  readonly #kind: NameKind
  readonly #text: string
  readonly #facts: NameFacts

  private constructor(kind: NameKind, text: string, facts: NameFacts) {
    if (!Name.#making) throw illegalConstructor('use toFsName or toNsName')
    Name.#making = false
    this.#kind = kind
    this.#text = text
    this.#facts = facts
  }

  /** What it was made as: a path, or a name that belongs to no folder. */
  get kind(): 'path' | 'namespaced' {
    return this.#kind === 'path' ? 'path' : 'namespaced'
  }

  /** For people: the path that the system sees, or `@id` for Linux's abstract namespace. */
  toString(): string {
    return this.#facts.display
  }

  /**
   * For `node:net` (`path` of `connect` and `listen`): the path, the pipe's path, or `\0id` for
   * Linux's abstract namespace, which Node reaches from version 22 on.
   */
  toNetPath(): string {
    return this.#facts.netPath
  }
}

/** The name that a socket has already, whoever gave it. */
export function nameOfSocket({ kind, text, facts }: SocketName): Name {
  return create(kind, text, facts)
}

/** Whether a file goes by it: not so in Linux's abstract namespace, and pipes have none. */
export function hasFile(name: Name): boolean {
  return !ON_WINDOWS && !name.toNetPath().startsWith('\0')
}

/** What the addon is told of a name. */
export function target(name: Name): { kind: NameKind; text: string } {
  return targetOf(name)
}

function makeName(kind: NameKind, text: string, what: string): Name {
  if (typeof text !== 'string') throw argumentType(what, 'a string', text)
  if (text === '') {
    throw argumentValue(
      `${what} must not be empty: write ${kind === 'path' ? 'one' : 'a word such as "my-app.sock", or a path'} such as ${JSON.stringify(asPath('my-app.sock'))}`,
    )
  }
  if (text.includes('\0')) throw argumentValue(`${what} must not contain a NUL character`)
  if (/\p{Surrogate}/u.test(text)) {
    throw argumentValue(
      `${what} must be well-formed Unicode, but contains half of a surrogate pair`,
    )
  }
  const facts = checkName(kind, text)
  if ('syscall' in facts) throw faultError(facts, text)
  return create(kind, text, facts)
}

/**
 * The name of a socket at a path. A relative path is taken from the working folder at the time of
 * `listen` and `connect`.
 *
 * @throws TypeError `ERR_INVALID_ARG_VALUE` if it is empty or contains a NUL; `LocalSocketError`
 * `ENAMETOOLONG` with the limit in it (Linux: 4095 bytes, of which the last part has at most 107;
 * elsewhere 103), `ENOTSUP` if this system has no such names. Other programs can't reach a path of
 * more than 107 bytes by it, unless they do as this package does.
 */
export function toFsName(path: string, type: GenericFilePath | FilesystemUdSocket): Name {
  if (type !== GenericFilePath && type !== FilesystemUdSocket) {
    throw argumentType('The type of a path', 'GenericFilePath or FilesystemUdSocket', type)
  }
  if (type === FilesystemUdSocket && ON_WINDOWS) throw unsupported(path)
  return makeName('path', path, 'The path')
}

/**
 * The name of a socket that belongs to no folder.
 *
 * @throws TypeError `ERR_INVALID_ARG_VALUE` if it is empty, contains a NUL, or, off Linux, a slash;
 * `LocalSocketError` `ENAMETOOLONG` with the limit in it (Linux: 107 bytes), `ENOTSUP` if this
 * system has no such names.
 */
export function toNsName(id: string, type: GenericNamespaced | AbstractNsUdSocket): Name {
  if (type !== GenericNamespaced && type !== AbstractNsUdSocket) {
    throw argumentType(
      'The type of a namespaced name',
      'GenericNamespaced or AbstractNsUdSocket',
      type,
    )
  }
  return makeName(type === AbstractNsUdSocket ? 'abstract' : 'namespaced', id, 'The name')
}

function unsupported(address: string): Error {
  return faultError({ errno: errnoOf('ENOTSUP'), syscall: 'name' }, address)
}

/** What to write for a path, where a word with slashes in it may have been meant as one. */
function asPath(name: string): string {
  return ON_WINDOWS ? `\\\\.\\pipe\\${name}` : `./${name}`
}

/** What begins like this is a path, as with module specifiers. */
const PATH = /^(?:\.{1,2}\/|\/|[A-Za-z]:[/\\]|\\\\)/

/**
 * Wherever a name is taken, a string is taken too: a bare word is namespaced; what begins with
 * `./`, `../`, `/`, `C:\` or `\\.\pipe\` is a path. Strings that might be meant either way are
 * refused with what to write instead.
 */
export function nameFrom(name: string | Name): Name {
  if (name instanceof Name) return name
  if (typeof name !== 'string') throw argumentType('The name', 'a string or a Name', name)
  if (PATH.test(name)) return makeName('path', name, 'The path')
  const quoted = JSON.stringify(name)
  if (name.startsWith('unix:')) {
    const rest = JSON.stringify(name.replace(/^unix:(?:\/\/)?/, ''))
    throw argumentValue(`The name ${quoted} must not begin with "unix:": write ${rest}`)
  }
  if (name.startsWith('@')) {
    throw argumentValue(
      `The name ${quoted} must not begin with "@": a bare word is namespaced, write ${JSON.stringify(name.slice(1))}; if the "@" belongs to the name, write toNsName(${quoted}, GenericNamespaced)`,
    )
  }
  if (name.startsWith('\0')) {
    throw argumentValue(
      `The name ${quoted} must not begin with a NUL: a bare word is namespaced, write ${JSON.stringify(name.slice(1))}`,
    )
  }
  if (/[/\\]/.test(name)) {
    throw argumentValue(
      `The name ${quoted} could be a path or a namespaced name: write ${JSON.stringify(asPath(name))} for a path, or toNsName(${quoted}, GenericNamespaced)`,
    )
  }
  return makeName('namespaced', name, 'The name')
}
