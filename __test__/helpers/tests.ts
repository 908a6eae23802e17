/**
 * Tests of one system. A test that has no meaning on a system isn't registered there; specs that
 * are about one alone are named after it (`unix-*`, `windows-*`), and ava.config.js leaves them out
 * elsewhere.
 */
import test, { type ExecutionContext } from 'ava'

import { linux, windows, wine } from './platform.js'

type Run = (t: ExecutionContext) => Promise<void> | void
type Register = (title: string, run: Run) => void

const ignored: Register = () => undefined

/** A test of what only Unix has: files of sockets, descriptors, users by number, signals. */
export const unixTest: Register = windows ? ignored : test
export const unixSerial: Register = windows ? ignored : test.serial

/** A test that looks where only Linux shows something, or at what only its kernel does. */
export const linuxTest: Register = linux ? test : ignored
export const linuxSerial: Register = linux ? test.serial : ignored

/** A test of what only Windows has. */
export const windowsTest: Register = windows ? test : ignored

/** A test of what Wine doesn't do: there it says so and passes; elsewhere it is like any other. */
export function notUnderWine(title: string, reason: string, run: Run): void {
  test(title, wine ? (t) => skipped(t, reason) : run)
}

function skipped(t: ExecutionContext, reason: string): void {
  t.log(`skipped under Wine: ${reason}`)
  t.pass()
}
