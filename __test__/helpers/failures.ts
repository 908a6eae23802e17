import type { ExecutionContext } from 'ava'
import { LocalSocketError } from 'local-socket'

import { PATIENCE_MS, within } from './within.js'

/** The fields that an error of this package may carry. */
export interface Failure extends Error {
  readonly code?: string
  readonly errno?: number
  readonly syscall?: string
  readonly address?: string
  readonly bytesWritten?: number
  readonly received?: Uint8Array
}

/** The error that `promise` rejects with; the test fails when it is fulfilled or never settles. */
export async function failure(
  promise: Promise<unknown>,
  what: string,
  milliseconds = PATIENCE_MS,
): Promise<Failure> {
  const outcome = await within(
    promise.then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    ),
    milliseconds,
    `the rejection of ${what}`,
  )
  if ('value' in outcome)
    throw new Error(`${what} should have failed and gave ${show(outcome.value)}`)
  if (!(outcome.error instanceof Error))
    throw new Error(`${what} rejected with ${show(outcome.error)}`)
  return outcome.error
}

/** Calls `operation`, which must give a promise rather than throw; gives what it rejects with. */
export async function rejection(operation: () => Promise<unknown>, what: string): Promise<Failure> {
  let promise: Promise<unknown>
  try {
    promise = operation()
  } catch (error) {
    throw new Error(`${what} threw instead of rejecting`, { cause: error })
  }
  return failure(promise, what)
}

/** The error that `operation` throws. */
export function thrown(operation: () => unknown, what: string): Failure {
  let value: unknown
  try {
    value = operation()
  } catch (error) {
    if (error instanceof Error) return error
    throw new Error(`${what} threw ${show(error)}`, { cause: error })
  }
  throw new Error(`${what} should have thrown and gave ${show(value)}`)
}

/** Asserts that `operation` gives a promise which rejects with `code`. */
export async function rejectsWith(
  t: ExecutionContext,
  code: string,
  operation: () => Promise<unknown>,
  what: string,
): Promise<Failure> {
  const error = await rejection(operation, what)
  t.is(error.code, code, `${what}: ${error.message}`)
  if (!isArgumentCode(code) && code !== 'ABORT_ERR') t.true(error instanceof LocalSocketError, what)
  return error
}

/** Asserts that `operation` throws an error with `code`. */
export function throwsWith(
  t: ExecutionContext,
  code: string,
  operation: () => unknown,
  what: string,
): Failure {
  const error = thrown(operation, what)
  t.is(error.code, code, `${what}: ${error.message}`)
  return error
}

/** Asserts what an aborted wait rejects with. */
export function assertAbortError(t: ExecutionContext, error: Failure, reason: unknown): void {
  t.is(error.name, 'AbortError')
  t.is(error.code, 'ABORT_ERR')
  t.is(error.cause, reason)
}

/** A value of the wrong type, past the compiler, as it would come from JavaScript. */
export function wrong<T>(value: unknown): T {
  return value as T
}

/** How a value looks in a failing test's message. */
export function show(value: unknown): string {
  if (typeof value === 'symbol' || typeof value === 'function') return String(value)
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'number' || value === undefined) return String(value)
  if (value instanceof Object) return Object.prototype.toString.call(value)
  return JSON.stringify(value)
}

function isArgumentCode(code: string): boolean {
  return code.startsWith('ERR_') && !code.startsWith('ERR_LOCAL_SOCKET_')
}
