// Tests that only a real Windows can run notice Wine, write this line and pass.
const LINE = /^\s*(?:[ℹi] )?skipped under Wine: (.*)$/
/** What stands over what a test has written, as cargo and as ava show it, which has no ✔ on Windows. */
const TEST = /^(?:---- (.+) stdout ----|\s*[✔√] (.+?)(?: \([\d.]+m?s\))?)$/

/** The names of the tests that have said so, with their reasons. */
export function skippedUnderWine(output) {
  const skipped = []
  let test = 'a test'
  for (const line of output.split(/\r?\n/)) {
    const [, ofCargo, ofAva] = TEST.exec(line) ?? []
    test = ofCargo ?? ofAva ?? test
    const [, reason] = LINE.exec(line) ?? []
    if (reason !== undefined) skipped.push(`${test}: ${reason}`)
  }
  return skipped
}
