// What the runners of tests say at their ends, as counts that can be added up.

/** A step that is one check: built or not, typed or not. */
export const one = (ok) => ({ passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 })

/**
 * Adds up the "test result:" lines of cargo. What is not run by design is not skipped: the parts of a
 * test that run in processes of its own, and counts that take minutes and have a command.
 */
export function cargo(ok, output) {
  const sum = (word) =>
    [...output.matchAll(new RegExp(`^test result: .* (\\d+) ${word}`, 'gm'))].reduce(
      (n, m) => n + Number(m[1]),
      0,
    )
  const byDesign = output.match(/^test .* \.\.\. ignored, (?:a part of|by command:) .*$/gm) ?? []
  return atLeastOneFailure(ok, {
    passed: sum('passed;'),
    failed: sum('failed;'),
    skipped: sum('ignored;') - byDesign.length,
  })
}

/** Adds up the closing lines of ava. */
export function ava(ok, output) {
  const sum = (words) =>
    [...output.matchAll(new RegExp(`^\\s*(\\d+) (?:${words})\\s*$`, 'gm'))].reduce(
      (n, m) => n + Number(m[1]),
      0,
    )
  return atLeastOneFailure(ok, {
    passed: sum('tests? passed'),
    failed: sum('tests? failed|hooks? failed|unhandled rejections?|uncaught exceptions?'),
    skipped: sum('tests? skipped'),
  })
}

/** A suite that ended badly without a count has failed all the same. */
function atLeastOneFailure(ok, count) {
  return ok || count.failed > 0 ? count : { ...count, failed: 1 }
}

/** A sum of counts, and the line that closes a run. */
export class Total {
  #sum = { passed: 0, failed: 0, skipped: 0 }

  add(count) {
    for (const word of Object.keys(this.#sum)) this.#sum[word] += count[word]
  }

  get failed() {
    return this.#sum.failed
  }

  line() {
    const { passed, failed, skipped } = this.#sum
    return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  }
}
