import test from 'ava'
import { connect, listen } from 'local-socket'
import { framed, type FramedOptions } from 'local-socket/framed'

import { bytes, text } from '../helpers/checksum.js'
import { throwsWith, wrong } from '../helpers/failures.js'
import { frame, framedPair, halfFramed, received, same } from '../helpers/framed.js'
import { uniqueName } from '../helpers/names.js'
import { pair } from '../helpers/pair.js'
import { PATIENCE_MS, within } from '../helpers/within.js'

test('by default a message is preceded by its length in four bytes, big-endian', async (t) => {
  const { messages, raw } = await halfFramed(t)
  messages.send('hello')
  const got = await within(raw.readExact(9), PATIENCE_MS, 'nine bytes')
  t.deepEqual([...got], [0, 0, 0, 5, 104, 101, 108, 108, 111])
  await raw.write(Uint8Array.of(0, 0, 1, 2, ...bytes(258)))
  t.true(same(await received(messages), bytes(258)))
})

const forms: [FramedOptions, number[]][] = [
  [{ lengthBytes: 1 }, [3]],
  [{ lengthBytes: 2 }, [0, 3]],
  [{ lengthBytes: 3 }, [0, 0, 3]],
  [{ lengthBytes: 4 }, [0, 0, 0, 3]],
  [{ lengthBytes: 5 }, [0, 0, 0, 0, 3]],
  [{ lengthBytes: 8 }, [0, 0, 0, 0, 0, 0, 0, 3]],
  [{ lengthBytes: 1, byteOrder: 'little' }, [3]],
  [{ lengthBytes: 2, byteOrder: 'little' }, [3, 0]],
  [{ byteOrder: 'little' }, [3, 0, 0, 0]],
  [{ lengthBytes: 6, byteOrder: 'little' }, [3, 0, 0, 0, 0, 0]],
  [{ lengthBytes: 8, byteOrder: 'little' }, [3, 0, 0, 0, 0, 0, 0, 0]],
]

for (const [options, length] of forms) {
  const title = `${options.lengthBytes ?? 4} bytes, ${options.byteOrder ?? 'big'}-endian`
  test(`a length of ${title}, is sent and received`, async (t) => {
    const { messages, raw } = await halfFramed(t, options)
    messages.send('abc')
    const got = await within(raw.readExact(length.length + 3), PATIENCE_MS, 'a message')
    t.deepEqual([...got], [...length, 97, 98, 99])
    await raw.write(Uint8Array.of(...length, 120, 121, 122, ...length, 49, 50, 51))
    t.is(text(await received(messages)), 'xyz')
    t.is(text(await received(messages)), '123')
  })

  test(`a length of ${title}, carries every size it allows`, async (t) => {
    const { client, server } = await framedPair(t, options)
    const most = options.lengthBytes === 1 ? 255 : 65_535
    for (const size of [0, 1, 127, 128, 255, 256, 300, 32_768, 65_535]) {
      if (size > most) continue
      client.send(bytes(size, size))
      t.true(same(await received(server), bytes(size, size)), `${size} bytes`)
    }
  })
}

test('maxLength is what may be sent, and one byte more may not', async (t) => {
  const { client, server } = await framedPair(t, { maxLength: 100 })
  const error = throwsWith(t, 'ERR_LOCAL_SOCKET_TOO_LONG', () => client.send(bytes(101)), 'send')
  t.regex(error.message, /101 bytes.*maxLength, 100/)
  client.send(bytes(100))
  t.is((await received(server)).byteLength, 100)
  t.is(client.bufferedBytes, 0)
})

test('maxLength is 8 MiB unless a short length says less', async (t) => {
  const limits: [FramedOptions, number][] = [
    [{}, 8_388_608],
    [{ lengthBytes: 1 }, 255],
    [{ lengthBytes: 2 }, 65_535],
    [{ lengthBytes: 3 }, 8_388_608],
    [{ lengthBytes: 8 }, 8_388_608],
  ]
  for (const [options, limit] of limits) {
    const { client } = await framedPair(t, options)
    const message = new Uint8Array(limit + 1)
    throwsWith(t, 'ERR_LOCAL_SOCKET_TOO_LONG', () => client.send(message), 'send')
    t.notThrows(() => client.send(message.subarray(1)))
  }
})

test('bad options are refused by name, and leave the stream as it was', async (t) => {
  const { client, server } = await pair(t)
  const bad: [unknown, string, RegExp][] = [
    [{ maxlength: 1 }, 'ERR_INVALID_ARG_VALUE', /no option "maxlength".*maxLength/],
    ['big', 'ERR_INVALID_ARG_TYPE', /options of framed/],
    [{ maxLength: '1' }, 'ERR_INVALID_ARG_TYPE', /maxLength/],
    [{ maxLength: 0 }, 'ERR_OUT_OF_RANGE', /maxLength/],
    [{ maxLength: 1.5 }, 'ERR_OUT_OF_RANGE', /maxLength/],
    [{ maxLength: 2 ** 31 }, 'ERR_OUT_OF_RANGE', /maxLength.*2147483631/],
    [{ maxLength: 256, lengthBytes: 1 }, 'ERR_OUT_OF_RANGE', /maxLength.*255/],
    [{ lengthBytes: 0 }, 'ERR_OUT_OF_RANGE', /lengthBytes/],
    [{ lengthBytes: 9 }, 'ERR_OUT_OF_RANGE', /lengthBytes/],
    [{ lengthBytes: '4' }, 'ERR_INVALID_ARG_TYPE', /lengthBytes/],
    [{ byteOrder: 'BE' }, 'ERR_INVALID_ARG_VALUE', /byteOrder.*"big" or "little".*"BE"/],
    [{ byteOrder: 1 }, 'ERR_INVALID_ARG_TYPE', /byteOrder/],
  ]
  for (const [options, code, message] of bad) {
    const error = throwsWith(t, code, () => framed(client, wrong(options)), JSON.stringify(options))
    t.regex(error.message, message)
  }
  throwsWith(t, 'ERR_INVALID_ARG_TYPE', () => framed(wrong({})), 'no stream')
  await client.write(frame('still a stream'))
  t.is(text(await received(framed(server, { maxLength: undefined }))), 'still a stream')
})

test('framed over a stream that was accepted, and over one that connected', async (t) => {
  const name = uniqueName(t)
  await using listener = await listen(name)
  await using client = framed(await connect(name))
  await using server = framed(await listener.accept())
  client.send('there')
  t.is(text(await received(server)), 'there')
  server.send('and back')
  t.is(text(await received(client)), 'and back')
})
