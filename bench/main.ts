// Plays every contestant against `net`, prints the scoreboard, and keeps all trials as JSON.

import { writeFile } from 'node:fs/promises'

import { against } from './against.js'
import { chart } from './chart.js'
import { markdown } from './markdown.js'
import { readOptions, USAGE, type BenchOptions } from './options.js'
import { fileOf, keep, merge, readResults, type Results } from './results.js'
import { run } from './run.js'
import { list, scaling, table, warnings } from './table.js'

async function bench(options: BenchOptions): Promise<void> {
  if (options.help || options.list) {
    console.log(options.help ? USAGE : list(options.rows))
    return
  }
  if (options.against !== undefined) {
    process.exitCode = (await against(options.against, options)) ? 0 : 1
    return
  }
  const read = await Promise.all(options.from.map(readResults))
  const results = read.length > 0 ? merge(read) : await run(options, keep)
  if (read.length === 0) console.error(`every trial is in ${fileOf(results)}`)
  await show(results, options)
}

async function show(results: Results, { markdown: page, chart: picture }: BenchOptions) {
  const { matches, failed } = results
  console.log([table(matches), ...scaling(matches)].join('\n'))
  for (const warning of warnings(matches)) console.error(`warning: ${warning}`)
  for (const { row, contestant, why } of failed)
    console.error(`failed: ${row}, ${contestant}: ${why}`)
  if (failed.length > 0) process.exitCode = 1
  if (page !== undefined) await writeFile(page, markdown(results))
  if (picture !== undefined) await writeFile(picture, chart(results))
}

let options
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  console.error(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`)
  process.exit(2)
}

bench(options).catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
