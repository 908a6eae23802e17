// Tests that only a real Windows can run notice Wine, write this line and pass, having done
// nothing or all but a part.
const LINE = /^\s*(?:[ℹi] )?skipped under Wine: (.*)$/
/** What stands over what a test has written, as cargo and as ava show it, which has no ✔ on Windows. */
const TEST = /^(?:---- (.+) stdout ----|\s*[✔√] (.+?)(?: \([\d.]+m?s\))?)$/

/**
 * The names of the tests that have said so, each with its first reason.
 * @returns {string[]}
 */
export function skippedUnderWine(output) {
  const skipped = new Map()
  let test = 'a test'
  for (const line of output.split(/\r?\n/)) {
    const [, ofCargo, ofAva] = TEST.exec(line) ?? []
    test = ofCargo ?? ofAva ?? test
    const [, reason] = LINE.exec(line) ?? []
    if (reason !== undefined && !skipped.has(test)) skipped.set(test, reason)
  }
  return Array.from(skipped, ([name, reason]) => `${name}: ${reason}`)
}
