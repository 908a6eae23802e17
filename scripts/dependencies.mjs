// Holds the Rust dependencies to deny.toml without cargo-deny: licences, sources, version
// requirements, and crates of which there may be only one version. Advisories need cargo-deny itself.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

import { root } from './run.mjs'

const policy = readFileSync(new URL('../deny.toml', import.meta.url), 'utf8')
const allowed = strings(section('licenses').match(/^allow = \[([^\]]*)\]/m)?.[1] ?? '')
const single = [
  ...section('bans').matchAll(/crate = "([^"]+)", deny-multiple-versions = true/g),
].map((match) => match[1])
if (allowed.length === 0 || single.length === 0) {
  throw new Error('deny.toml has no list of licences or of crates that may be there once')
}

const metadata = JSON.parse(
  execFileSync('cargo', ['metadata', '--locked', '--all-features', '--format-version', '1'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  }),
)
const members = new Set(metadata.workspace_members)
const faults = []

for (const { id, name, version, license, source, dependencies } of metadata.packages) {
  const what = `${name} ${version}`
  if (!license || !isAllowed(license)) {
    faults.push(`${what}: licence ${license ?? 'not stated'}; allowed: ${allowed.join(', ')}`)
  }
  if (members.has(id)) {
    for (const dependency of dependencies) {
      if (dependency.req === '*' && !dependency.path) {
        faults.push(`${what}: depends on any version of ${dependency.name}; name one`)
      }
    }
  } else if (!source?.startsWith('registry+')) {
    faults.push(`${what}: comes from ${source ?? 'a path outside the workspace'}, not the registry`)
  }
}
for (const name of single) {
  const versions = metadata.packages.filter((one) => one.name === name).map((one) => one.version)
  if (versions.length > 1)
    faults.push(`${name}: there are ${versions.join(' and ')}; one is allowed`)
}

for (const fault of faults) console.error(fault)
console.log(`${metadata.packages.length} packages, ${faults.length} faults`)
process.exitCode = faults.length === 0 ? 0 : 1

/** The lines of deny.toml under a heading. */
function section(heading) {
  const from = policy.indexOf(`[${heading}]\n`)
  if (from < 0) throw new Error(`deny.toml has no [${heading}]`)
  const to = policy.indexOf('\n[', from)
  return policy.slice(from, to < 0 ? undefined : to)
}

/** What stands in double quotes. */
function strings(text) {
  return [...text.matchAll(/"([^"]+)"/g)].map((match) => match[1])
}

/**
 * Whether an SPDX expression can be met with the licences that are allowed. Older manifests write
 * a slash for OR.
 */
function isAllowed(expression) {
  const tokens = expression.replaceAll('/', ' OR ').match(/\(|\)|[^\s()]+/g) ?? []
  let at = 0
  const one = () => {
    if (tokens[at] === '(') {
      at += 1
      const inner = any()
      if (tokens[at] !== ')') throw new Error(`not a licence expression: ${expression}`)
      at += 1
      return inner
    }
    let licence = tokens[at]
    at += 1
    if (tokens[at] === 'WITH') {
      licence = `${licence} WITH ${tokens[at + 1]}`
      at += 2
    }
    return allowed.includes(licence)
  }
  // Both sides are read even when the first has decided, since reading moves on.
  const all = () => {
    let result = one()
    while (tokens[at] === 'AND') {
      at += 1
      const next = one()
      result = result && next
    }
    return result
  }
  const any = () => {
    let result = all()
    while (tokens[at] === 'OR') {
      at += 1
      const next = all()
      result = result || next
    }
    return result
  }
  const result = any()
  if (at < tokens.length) throw new Error(`not a licence expression: ${expression}`)
  return result
}
