// Many clients at once: storm.js <name> <count>
// Says {begun} once all have asked to be connected, then {served}: how many were, each of which
// wrote its number, read the same back and saw the end after it.
import { connect } from 'local-socket'

import { text } from '../helpers/checksum.js'
import { say } from '../helpers/say.js'

const [name, count] = process.argv.slice(2) as [string, string]

async function converse(number: number): Promise<boolean> {
  await using stream = await connect(name)
  const words = String(number).padStart(8, '0')
  await stream.write(words)
  const answer = text(await stream.readExact(words.length))
  return answer === words && (await stream.read()) === null
}

async function main(): Promise<void> {
  const all = Array.from({ length: Number(count) }, (_, number) => converse(number))
  say({ begun: all.length })
  const right = await Promise.all(all)
  say({ served: right.filter(Boolean).length })
}

void main()
