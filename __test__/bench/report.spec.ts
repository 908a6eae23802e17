import test from 'ava'

import { isSlower } from '../../bench/against.js'
import { chart } from '../../bench/chart.js'
import { spoken, verdicts } from '../../bench/goals.js'
import { markdown } from '../../bench/markdown.js'
import type { Match } from '../../bench/match.js'
import { readOptions } from '../../bench/options.js'
import { merge, type Results } from '../../bench/results.js'
import { ROWS } from '../../bench/scoreboard.js'
import { estimate, median } from '../../bench/statistics.js'
import { table } from '../../bench/table.js'

const ROW = 'bytes-64k'
const OURS = 'local-socket readInto'

function exactly(value: number): Match['speed'] {
  return { median: value, low: value, high: value }
}

function match(contestant: string, ratio: number, receiverCpu = 1, row = ROW): Match {
  return {
    row,
    contestant,
    reference: 'net',
    pairs: [],
    speed: exactly(ratio),
    cpu: exactly(receiverCpu),
    receiverCpu: exactly(receiverCpu),
    absolute: { seconds: 1e-5 / ratio, cpuSeconds: 1e-5 },
    noise: [],
    repeated: 0,
  }
}

function speed(low: number, high: number): Match {
  return { ...match(OURS, 1), speed: { median: (low + high) / 2, low, high } }
}

function results(matches: Match[]): Results {
  const machine = { node: 'v20.0.0', system: 'linux', cpu: 'cpu', cores: 2, memoryBytes: 2 ** 30 }
  const started = '2026-01-02T03:04:05.000Z'
  return { started, machine, placement: 'free', trialSeconds: 1, matches, absent: {}, failed: [] }
}

const matches = [
  match('net', 1),
  match(OURS, 2, 0.5),
  match('net onread', 1.6),
  match('native', 2.5),
]

test('a median lies in the middle, and its interval around it', (t) => {
  t.is(median([3, 1, 2]), 2)
  t.is(median([4, 1, 2, 3]), 2.5)
  const { low, median: middle, high } = estimate([1, 2, 3, 4, 5])
  t.is(middle, 3)
  t.true(low >= 1 && low <= 3 && high >= 3 && high <= 5)
  t.deepEqual(estimate([1, 2, 3, 4, 5]), { low, median: middle, high })
})

test('a goal is held against the contestant that it names', (t) => {
  const row = ROWS.find(({ name }) => name === ROW)
  const ours = matches.find(({ contestant }) => contestant === OURS)
  if (row === undefined || ours === undefined) return t.fail()
  t.deepEqual(verdicts(row, ours, matches).map(spoken), [
    '✓ ≥ 1.40',
    '✓ ≥ 1.15 of net onread (1.25)',
    '✗ ≥ 1.00 of native (0.80)',
    '✓ ≤ 0.55 receiver CPU (0.50)',
  ])
  const without = verdicts(row, ours, [ours]).map(spoken)
  t.is(without[1], '? ≥ 1.15 of net onread')
})

test('all rows name contestants that exist, and goals of contestants that take part', (t) => {
  for (const { contestants, goals, reference } of ROWS) {
    t.true(contestants.includes(reference))
    for (const [name, wanted] of Object.entries(goals)) {
      t.true(contestants.includes(name), name)
      for (const { than } of wanted) t.true(than === undefined || contestants.includes(than))
    }
  }
})

test('tables and the chart show every match that they are given', (t) => {
  const text = table(matches)
  const page = markdown(results(matches))
  for (const { contestant } of matches) t.true(text.includes(contestant))
  t.regex(text, /local-socket readInto +2\.00/)
  t.regex(page, /\| 64 KiB one way, raw \| `readInto` \| \*\*2\.00\*\* /)
  t.regex(page, /\| native \| 2\.50 /)
  const picture = chart(results(matches))
  for (const kind of ['ours', 'net', 'native'])
    t.regex(picture, new RegExp(`<rect class="${kind}"`))
  t.notRegex(picture, /NaN|undefined|Infinity/)
})

test('of two results that tell of the same the later one counts', (t) => {
  const { matches: merged } = merge([
    results([match(OURS, 2), match('native', 3)]),
    results([match(OURS, 4), match(OURS, 5, 1, 'bytes-1m')]),
  ])
  t.deepEqual(
    merged.map((one) => [one.row, one.contestant, one.speed.median]),
    [
      [ROW, OURS, 4],
      [ROW, 'native', 3],
      ['bytes-1m', OURS, 5],
    ],
  )
})

test('slower than another commit is what lies wholly below it, by more than the tolerance', (t) => {
  t.true(isSlower(speed(0.8, 0.94), 0.05))
  t.false(isSlower(speed(0.8, 0.96), 0.05))
  t.false(isSlower(speed(0.8, 0.94), 0.1))
  t.true(isSlower({ ...speed(1, 1), memory: { median: 1.1, low: 1.06, high: 1.2 } }, 0.05))
  t.false(isSlower({ ...speed(0.5, 0.6), memory: exactly(1) }, 0.05))
})

test('an option with a wrong value is refused by name', (t) => {
  t.throws(() => readOptions(['--row', 'none']), { message: /--row takes one of .*, not "none"/ })
  t.throws(() => readOptions(['--rounds', '0']), { message: /--rounds takes/ })
  t.throws(() => readOptions(['--placement', 'moon']), { message: /--placement takes one of/ })
  t.throws(() => readOptions(['--tolerance', 'x']), { message: /--tolerance takes/ })
  t.throws(() => readOptions(['--fast']), { message: /--fast/ })
})

test('a quick run has ours, net and native alone', (t) => {
  const { rows } = readOptions(['--quick'])
  const names = new Set(rows.flatMap(({ contestants }) => contestants))
  t.true(names.has(OURS) && names.has('net') && names.has('native'))
  t.false(names.has('zeromq.js'))
  t.false(names.has('net onread'))
})
