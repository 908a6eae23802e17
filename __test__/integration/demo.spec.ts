import { chmodSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import test, { type ExecutionContext } from 'ava'

import { bytes, sha256 } from '../helpers/checksum.js'
import { uniqueFolder } from '../helpers/names.js'
import { peerTest, ROOT } from '../helpers/peers.js'
import { linux, windows, wine } from '../helpers/platform.js'
import { start, type Program, type StartOptions } from '../helpers/process.js'
import { notUnderWine, unixTest } from '../helpers/tests.js'
import { eventually } from '../helpers/within.js'

const DEMO = join(ROOT, 'build/examples/demo.js')

/** The whole demo, round trips included, on a machine that does other things too. */
const DEMO_MS = 90_000

/** More than a connection's buffers hold, and more than the memory that the demo may take. */
const LARGE_BYTES = 16 * 2 ** 30
const UNDER_WAY_BYTES = 512 * 2 ** 20
const STILL_LOOKS = 100
const MEMORY_LIMIT_KIB = 256 * 1024

function startDemo(t: ExecutionContext, args: string[], options?: StartOptions): Program {
  // What a killed demo leaves goes with the test.
  const folder = uniqueFolder(t)
  const env = { TMPDIR: folder, TEMP: folder, TMP: folder }
  return start(t, process.execPath, [DEMO, ...args], { env, ...options })
}

/** Asserts that the demo fails with one line on stderr that matches. */
async function failsWith(t: ExecutionContext, demo: Program, complaint: RegExp): Promise<void> {
  const exit = await demo.exit(DEMO_MS)
  t.deepEqual(exit, { code: 1, signal: null }, demo.stderr)
  t.regex(demo.stderr, /^demo: [^\n]+\n$/)
  t.regex(demo.stderr, complaint)
}

/** The rest of a successful demo's report. */
async function report(t: ExecutionContext, demo: Program): Promise<string> {
  const exit = await demo.exit(DEMO_MS)
  t.is(demo.stderr, '')
  t.deepEqual(exit, { code: 0, signal: null })
  return demo.rest().join('\n')
}

function writeSample(t: ExecutionContext, content: Uint8Array | string): string {
  const file = join(uniqueFolder(t), 'sample')
  writeFileSync(file, content)
  return file
}

/** A file of many gigabytes that takes no room on the disk. */
function largeFile(t: ExecutionContext): string {
  const file = writeSample(t, '')
  truncateSync(file, LARGE_BYTES)
  return file
}

async function serverPid(demo: Program): Promise<number> {
  for (;;) {
    const line = await demo.line('the line about the server', DEMO_MS)
    const pid = /^server +pid (\d+)/.exec(line)?.[1]
    if (pid !== undefined) return Number(pid)
  }
}

/** What Linux counts for a process under this heading. */
function procCount(pid: number, file: 'io' | 'status', heading: string): number {
  const line = new RegExp(`^${heading}:\\s+(\\d+)`, 'm').exec(
    readFileSync(`/proc/${pid}/${file}`, 'latin1'),
  )
  return Number(line?.[1])
}

async function untilUnderWay(demo: Program): Promise<void> {
  await eventually(
    () => procCount(demo.pid, 'io', 'rchar') > UNDER_WAY_BYTES,
    DEMO_MS,
    'the file to be under way',
  )
}

/** A count once it has stayed the same for a while, or has grown too large for that. */
async function untilStill(count: () => number): Promise<number> {
  let last = -1
  let same = 0
  const still = (): boolean => {
    const now = count()
    same = now === last ? same + 1 : 0
    last = now
    return same === STILL_LOOKS || now > UNDER_WAY_BYTES
  }
  await eventually(still, DEMO_MS, 'the reading to stand still')
  return last
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** A test of the whole demo, which asks who serves. */
function demoTest(
  title: string,
  run: (t: ExecutionContext, program: string) => Promise<void>,
): void {
  if (!wine) return peerTest('demo_server', title, run)
  notUnderWine(title, 'it does not know whose a pipe is, unless it was said', () => undefined)
}

/** A test that looks into /proc. */
function serverTest(title: string, run: (t: ExecutionContext) => Promise<void>): void {
  if (linux) peerTest('demo_server', title, run)
}

for (const size of [0, 1, 3 * 2 ** 20 + 1]) {
  demoTest(`both ends agree on the SHA-256 of a file of ${size} bytes`, async (t, program) => {
    const content = bytes(size)
    const demo = startDemo(t, [writeSample(t, content), '--server', program])
    const pid = await serverPid(demo)
    const text = await report(t, demo)
    t.is(text.split(sha256(content)).length - 1, 2, text)
    t.regex(text, /^throughput +[\d.]+ \w+\/s/m)
    t.regex(text, /^round trip +local-socket [\d.]+ µs, node:net [\d.]+ µs/m)
    t.false(isAlive(pid), 'the server was left behind')
  })
}

demoTest('without a file the demo sends the addon', async (t, program) => {
  const demo = startDemo(t, ['--server', program])
  t.regex(await demo.line('the line about the file', DEMO_MS), /^file +\S+\.node \(/)
  await report(t, demo)
})

demoTest('the kernel names the server and its user', async (t, program) => {
  const demo = startDemo(t, [writeSample(t, 'x'), '--server', program])
  await demo.line('the line about the file', DEMO_MS)
  const line = await demo.line('the line about the server', DEMO_MS)
  const [, pid, user, started] = /pid (\d+), (?:uid|user) (\S+) .* pid (\d+)/.exec(line) ?? []
  t.is(pid, started)
  if (windows) t.regex(user ?? '', /^S-1-/)
  else t.is(user, String(process.getuid?.()))
  await report(t, demo)
})

unixTest('a digest that differs from the file is a failure', async (t) => {
  const folder = uniqueFolder(t)
  const program = join(folder, 'liar.mjs')
  const library = pathToFileURL(join(ROOT, 'dist/index.js')).href
  writeFileSync(
    program,
    `#!${process.execPath}
    import { listen } from ${JSON.stringify(library)}
    const name = process.argv[process.argv.indexOf('--name') + 1]
    const serve = async (listener, answer) => {
      for await (const stream of listener) {
        while ((await stream.read()) !== null);
        await stream.write(answer)
        await stream.close()
      }
    }
    void serve(await listen(name + '.digest'), '0'.repeat(64) + '\\n')
    void serve(await listen(name + '.echo'), '')
    console.log('ready ' + process.pid)
    process.stdin.on('end', () => process.exit()).resume()
    `,
  )
  chmodSync(program, 0o755)
  await failsWith(t, startDemo(t, [program, '--server', program]), /the digests differ: /)
})

test('a file that is not there is named', async (t) => {
  const missing = join(uniqueFolder(t), 'nothing')
  await failsWith(t, startDemo(t, [missing]), /there is no file at \S+nothing/)
})

test('a directory in place of a file is refused', async (t) => {
  await failsWith(t, startDemo(t, [uniqueFolder(t)]), /is a directory/)
})

unixTest('a file that has no bytes of its own is refused', async (t) => {
  await failsWith(t, startDemo(t, ['/dev/zero']), /not a regular file/)
})

test('two files and unknown options are refused with the usage', async (t) => {
  await failsWith(t, startDemo(t, ['a', 'b']), /usage: /)
  await failsWith(t, startDemo(t, ['--colour']), /--colour.*usage: /)
})

const isRoot = process.getuid?.() === 0

unixTest('a file that may not be read is named', async (t) => {
  const file = writeSample(t, 'secret')
  chmodSync(file, 0)
  chmodSync(join(file, '..'), 0o755)
  // Permissions don't bind root: ask as nobody.
  const demo = startDemo(t, [file], isRoot ? { uid: 65534, gid: 65534 } : {})
  await failsWith(t, demo, /may not be read by this user/)
})

test('a missing server program is named, and how to build it', async (t) => {
  const missing = join(uniqueFolder(t), 'demo_server')
  const demo = startDemo(t, [writeSample(t, 'x'), '--server', missing])
  await failsWith(t, demo, /no native server at \S+demo_server; build it with: npm run/)
})

unixTest('a server that is no program is named', async (t) => {
  const folder = join(uniqueFolder(t), 'server')
  mkdirSync(folder)
  await failsWith(t, startDemo(t, [writeSample(t, 'x'), '--server', folder]), /server is not a pro/)
})

unixTest('a server that fails at its start is quoted', async (t) => {
  const program = join(uniqueFolder(t), 'failing')
  writeFileSync(program, '#!/bin/sh\necho "no room for sockets" >&2\nexit 3\n')
  chmodSync(program, 0o755)
  const demo = startDemo(t, [writeSample(t, 'x'), '--server', program])
  await failsWith(t, demo, /exited with code 3: no room for sockets/)
})

serverTest('a server killed in the middle of the file is told of', async (t) => {
  const demo = startDemo(t, [largeFile(t)])
  const pid = await serverPid(demo)
  await untilUnderWay(demo)
  process.kill(pid, 'SIGKILL')
  await failsWith(t, demo, /sending the file: the native server was ended by SIGKILL/)
})

serverTest('a server that stands still holds up the reading', async (t) => {
  const demo = startDemo(t, [largeFile(t)])
  const pid = await serverPid(demo)
  process.kill(pid, 'SIGSTOP')
  t.teardown(() => isAlive(pid) && process.kill(pid, 'SIGCONT'))
  const taken = await untilStill(() => procCount(demo.pid, 'io', 'rchar'))
  t.true(taken < UNDER_WAY_BYTES, `the demo read ${taken} bytes that nobody took`)

  process.kill(pid, 'SIGCONT')
  await untilUnderWay(demo)
  const peak = procCount(demo.pid, 'status', 'VmHWM')
  t.true(peak < MEMORY_LIMIT_KIB, `the demo took ${peak} KiB`)
})
