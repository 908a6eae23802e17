import test, { type ExecutionContext } from 'ava'
import { Listener, RecvHalf, SendHalf, Stream, connect, listen } from 'local-socket'

import { bytes, text } from './helpers/checksum.js'
import { rejection, show, thrown, wrong, type Failure } from './helpers/failures.js'
import { uniqueName } from './helpers/names.js'
import { accepted, connected, listening, pair } from './helpers/pair.js'
import { PATIENCE_MS, within } from './helpers/within.js'

type Call = (value: never) => Promise<unknown>

const NOT_AN_OBJECT: readonly unknown[] = [null, 'x', 5, 5n, true, Symbol('x'), () => ({}), []]
const NOT_A_NUMBER: readonly unknown[] = [null, '5', 5n, true, {}, [], Symbol('x'), () => 5]
const NOT_A_SIGNAL: readonly unknown[] = [null, 'x', 5, true, {}, [], new AbortController()]
const NOT_A_BOOLEAN: readonly unknown[] = [null, 'true', 1, 0, {}, []]
const NOT_A_WAY_TO_WAIT: readonly unknown[] = [
  null,
  true,
  'on',
  '50',
  50,
  0,
  Number.NaN,
  5n,
  [],
  [50],
  Symbol('x'),
  () => 'adaptive',
  {},
  { maxMicros: undefined },
  { maxMicros: null },
  { maxMicros: '50' },
  { maxMicros: 50n },
]
const NOT_BYTES: readonly unknown[] = [
  undefined,
  null,
  5,
  5n,
  true,
  {},
  [1, 2],
  Symbol('x'),
  () => 'x',
  new ArrayBuffer(4),
  new DataView(new ArrayBuffer(4)),
  new Uint16Array(4),
  new String('x'),
]

async function refusesTypes(
  t: ExecutionContext,
  call: Call,
  values: readonly unknown[],
  what: string,
): Promise<void> {
  for (const value of values) {
    const error = await rejection(() => call(wrong(value)), `${what}: ${show(value)}`)
    t.is(error.code, 'ERR_INVALID_ARG_TYPE', `${what}: ${show(value)}: ${error.message}`)
    t.true(error instanceof TypeError)
  }
}

async function refusesRanges(
  t: ExecutionContext,
  call: Call,
  values: readonly number[],
  what: string,
): Promise<void> {
  for (const value of values) {
    const error = await rejection(() => call(wrong(value)), `${what}: ${value}`)
    t.is(error.code, 'ERR_OUT_OF_RANGE', `${what}: ${value}: ${error.message}`)
    t.true(error instanceof RangeError)
    t.true(error.message.includes(String(value)), error.message)
  }
}

function assertUnknownOption(
  t: ExecutionContext,
  error: Failure,
  option: string,
  known: string,
): void {
  t.is(error.code, 'ERR_INVALID_ARG_VALUE', error.message)
  t.true(error instanceof TypeError)
  t.true(error.message.includes(option), error.message)
  t.true(error.message.includes(known), error.message)
}

/** Every method that waits, as a function of its options. */
function waits(stream: Stream, listener: Listener): readonly (readonly [string, Call])[] {
  return [
    ['read', (options) => stream.read(options)],
    ['readInto', (options) => stream.readInto(new Uint8Array(1), options)],
    ['readExact', (options) => stream.readExact(1, options)],
    ['write', (options) => stream.write('x', options)],
    ['end', (options) => stream.end(options)],
    ['close', (options) => stream.close(options)],
    ['accept', (options) => listener.accept(options)],
  ]
}

/** A stream on which nothing was done must work; the far end must not have seen anything either. */
async function assertUntouched(
  t: ExecutionContext,
  { client, server }: { client: Stream; server: Stream },
): Promise<void> {
  await client.write('ping')
  t.is(text(await within(server.read(), PATIENCE_MS, 'ping')), 'ping')
  await server.write('pong')
  t.is(text(await within(client.read(), PATIENCE_MS, 'pong')), 'pong')
}

test('options that are no object are refused by every call that takes them', async (t) => {
  const streams = await pair(t)
  const name = uniqueName(t)
  await refusesTypes(t, (options) => listen(name, options), NOT_AN_OBJECT, 'listen')
  await refusesTypes(t, (options) => connect(name, options), NOT_AN_OBJECT, 'connect')
  for (const [method, call] of waits(streams.client, streams.listener)) {
    await refusesTypes(t, call, NOT_AN_OBJECT, method)
  }
  await assertUntouched(t, streams)
})

test('undefined options and options that are undefined are as if absent', async (t) => {
  const name = uniqueName(t)
  const listener = await listening(t, name, { backlog: undefined, signal: undefined })
  const client = await connected(t, name, {
    timeout: undefined,
    retry: undefined,
    signal: undefined,
  })
  const server = await accepted(t, listener)
  await client.write('x', undefined)
  t.is(text(await server.read({ timeout: undefined, signal: undefined })), 'x')
})

test('options without a prototype are taken', async (t) => {
  const name = uniqueName(t)
  await listening(t, name)
  const options: unknown = Object.assign(Object.create(null) as object, { timeout: PATIENCE_MS })
  await connected(t, name, wrong(options))
  t.pass()
})

test('options that an object inherits count, too', async (t) => {
  const inherited: Record<string, unknown> = Object.create({ timeout: 50 }) as typeof inherited
  inherited['retry'] = true
  const error = await rejection(() => connect(uniqueName(t), inherited), 'connect')
  t.is(error.code, 'ERR_LOCAL_SOCKET_TIMEOUT')
})

test('listen refuses options that it does not know by name and tells those it knows', async (t) => {
  const others = ['server', 'readableAll', 'exclusive', 'host', 'port', 'path']
  for (const option of [...others, 'busyPol', 'timeout', 'backLog', 'umask', 'maxConnection']) {
    const error = await rejection(
      () => listen(uniqueName(t), wrong({ [option]: undefined })),
      `listen with ${option}`,
    )
    assertUnknownOption(t, error, option, 'backlog')
  }
})

test('connect refuses options that it does not know by name and tells those it knows', async (t) => {
  for (const option of [
    'servers',
    'allow',
    'mode',
    'timeOut',
    'busyPol',
    'backlog',
    'path',
    'retries',
  ]) {
    const error = await rejection(
      () => connect(uniqueName(t), wrong({ [option]: 1 })),
      `connect with ${option}`,
    )
    assertUnknownOption(t, error, option, 'retry')
  }
})

test('methods that wait refuse options that they do not know by name', async (t) => {
  const streams = await pair(t)
  for (const [method, call] of waits(streams.client, streams.listener)) {
    const error = await rejection(() => call(wrong({ timeOut: 5 })), method)
    assertUnknownOption(t, error, 'timeOut', 'timeout')
    t.true(error.message.includes(method), error.message)
  }
  await assertUntouched(t, streams)
})

test('a timeout that is no number of milliseconds is refused', async (t) => {
  const streams = await pair(t)
  const calls: [string, Call][] = [
    ...waits(streams.client, streams.listener).map(([method, call]): [string, Call] => [
      method,
      (timeout) => call(wrong({ timeout })),
    ]),
    ['connect', (timeout) => connect(uniqueName(t), { timeout })],
  ]
  for (const [method, call] of calls) {
    await refusesTypes(t, call, NOT_A_NUMBER, `timeout of ${method}`)
    await refusesRanges(t, call, [-1, -0.5, Number.NaN, -Infinity], `timeout of ${method}`)
  }
  await assertUntouched(t, streams)
})

test('a timeout of Infinity, a fraction or more than a timer can hold is a long wait', async (t) => {
  const { client, server } = await pair(t)
  const reads = [Infinity, 2 ** 31, 2 ** 53, Number.MAX_VALUE, 60_000.5].map((timeout) =>
    client.readExact(1, { timeout }),
  )
  await server.write('abcde')
  const got = await within(Promise.all(reads), PATIENCE_MS, 'reads with long timeouts')
  t.is(got.map((chunk) => text(chunk)).join(''), 'abcde')
})

test('a signal that is no AbortSignal is refused', async (t) => {
  const streams = await pair(t)
  const calls: [string, Call][] = [
    ...waits(streams.client, streams.listener).map(([method, call]): [string, Call] => [
      method,
      (signal) => call(wrong({ signal })),
    ]),
    ['connect', (signal) => connect(uniqueName(t), { signal })],
    ['listen', (signal) => listen(uniqueName(t), { signal })],
  ]
  for (const [method, call] of calls)
    await refusesTypes(t, call, NOT_A_SIGNAL, `signal of ${method}`)
  await assertUntouched(t, streams)
})

test('a retry that is no boolean is refused', async (t) => {
  await refusesTypes(t, (retry) => connect(uniqueName(t), { retry }), NOT_A_BOOLEAN, 'retry')
})

test('a backlog that is no whole number of connections is refused', async (t) => {
  const call: Call = (backlog) => listen(uniqueName(t), { backlog })
  await refusesTypes(t, call, NOT_A_NUMBER, 'backlog')
  await refusesRanges(t, call, [-1, 1.5, Number.NaN, Infinity, 2 ** 32], 'backlog')
})

/** Opening of either kind, as a function of how its streams are to wait. */
function opening(t: ExecutionContext): readonly (readonly [string, Call])[] {
  return [
    ['listen', (busyPoll) => listen(uniqueName(t), { busyPoll })],
    ['connect', (busyPoll) => connect(uniqueName(t), { busyPoll })],
  ]
}

test('a busyPoll that is no way to wait is refused, and told what would be', async (t) => {
  for (const [method, call] of opening(t)) {
    await refusesTypes(t, call, NOT_A_WAY_TO_WAIT, `busyPoll of ${method}`)
    const error = await rejection(() => call(wrong('on')), method)
    for (const part of [`busyPoll of ${method}`, "'off'", "'adaptive'", 'maxMicros', '"on"']) {
      t.true(error.message.includes(part), error.message)
    }
  }
})

test('a busyPoll for no whole number of microseconds up to a second is refused', async (t) => {
  const values = [0, -1, 1.5, Number.NaN, Infinity, -Infinity, 1_000_001, 2 ** 53]
  for (const [method, call] of opening(t)) {
    const what = `busyPoll of ${method}`
    await refusesRanges(t, (maxMicros) => call(wrong({ maxMicros })), values, what)
  }
})

test('a busyPoll with more than maxMicros is refused by the name of what is more', async (t) => {
  for (const [method, call] of opening(t)) {
    for (const option of ['other', 'maxMicro', 'minMicros']) {
      const error = await rejection(() => call(wrong({ maxMicros: 50, [option]: 1 })), method)
      assertUnknownOption(t, error, option, 'maxMicros')
    }
  }
})

test('a wrong busyPoll is refused before the name is taken', async (t) => {
  const name = uniqueName(t)
  await rejection(() => listen(name, { busyPoll: wrong('on') }), 'listen')
  await listening(t, name)
  t.pass()
})

test('every busyPoll that there is works for connect and listen, beside the other options', async (t) => {
  const { signal } = new AbortController()
  for (const busyPoll of [
    undefined,
    'off',
    'adaptive',
    { maxMicros: 1 },
    { maxMicros: 1_000_000 },
    Object.freeze({ maxMicros: 50 }),
  ] as const) {
    const streams = await pair(t, {
      listen: { busyPoll, backlog: 5, signal },
      connect: { busyPoll, timeout: PATIENCE_MS, retry: true, signal },
    })
    await assertUntouched(t, streams)
  }
})

test('write and tryWrite refuse what is neither bytes nor a string', async (t) => {
  const streams = await pair(t)
  await refusesTypes(t, (data) => streams.client.write(data), NOT_BYTES, 'write')
  for (const value of NOT_BYTES) {
    const error = thrown(() => streams.client.tryWrite(wrong(value)), `tryWrite(${show(value)})`)
    t.is(error.code, 'ERR_INVALID_ARG_TYPE')
    t.true(error instanceof TypeError)
  }
  await assertUntouched(t, streams)
})

test('write takes a string, a Uint8Array, a Buffer and a view into a larger buffer', async (t) => {
  const { client, server } = await pair(t)
  const large = bytes(1000)
  await client.write('grüße')
  await client.write(Buffer.from(' and '))
  await client.write(large.subarray(100, 110))
  const got = await within(server.readExact(7 + 5 + 10), PATIENCE_MS, 'all three writes')
  t.is(text(got.subarray(0, 12)), 'grüße and ')
  t.deepEqual([...got.subarray(12)], [...large.subarray(100, 110)])
})

test('readInto refuses what it can not fill, and memory without room', async (t) => {
  const streams = await pair(t)
  const values = [...NOT_BYTES, 'text']
  await refusesTypes(t, (into) => streams.client.readInto(into), values, 'readInto')
  const full = new Uint8Array(8)
  for (const empty of [new Uint8Array(0), full.subarray(8), Buffer.alloc(0)]) {
    const error = await rejection(() => streams.client.readInto(empty), 'readInto of nothing')
    t.is(error.code, 'ERR_INVALID_ARG_VALUE')
  }
  await assertUntouched(t, streams)
})

test('readExact refuses what is no whole number of bytes', async (t) => {
  const streams = await pair(t)
  const call: Call = (length) => streams.client.readExact(length)
  await refusesTypes(t, call, [undefined, ...NOT_A_NUMBER], 'readExact')
  await refusesRanges(t, call, [-1, 0.5, Number.NaN, Infinity, 2 ** 53], 'readExact')
  await assertUntouched(t, streams)
})

test('reunite refuses what are no halves', async (t) => {
  const { client } = await pair(t)
  const { recv, send } = client.split()
  for (const [first, second] of [
    [send, recv],
    [recv, undefined],
    [undefined, send],
    [null, null],
    [{}, {}],
    [client, client],
    [recv, {}],
  ]) {
    const error = thrown(() => Stream.reunite(wrong(first), wrong(second)), 'reunite')
    t.is(error.code, 'ERR_INVALID_ARG_TYPE')
    t.true(error instanceof TypeError)
  }
  t.true(Stream.reunite(recv, send) instanceof Stream)
})

test('classes whose objects only this package makes can not be constructed', (t) => {
  for (const made of [Stream, Listener, RecvHalf, SendHalf]) {
    const error = thrown(() => Reflect.construct(made, []), `new ${made.name}()`)
    t.true(error instanceof TypeError)
    t.is(error.code, 'ERR_ILLEGAL_CONSTRUCTOR')
  }
})
