// A client that is turned away, again and again until it is killed: knocking.js <name>
// Says {knocked} after each hundred.
import { connect } from 'local-socket'

import { say } from '../helpers/say.js'

const [name = ''] = process.argv.slice(2)

for (let knocked = 1; ; knocked += 1) {
  const stream = await connect(name)
  // The end, or a reset: turned away either way.
  await stream.read().catch(() => null)
  await stream.close()
  if (knocked % 100 === 0) say({ knocked })
}
