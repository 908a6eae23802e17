// Connects, says in which groups it is and whom it sees at the other end, and stays until that end
// closes.
import { argv } from 'node:process'

import { connect } from 'local-socket'

import { say } from '../helpers/say.js'

const [, , name = ''] = argv
const stream = await connect(name)
say({
  groups: process.getgroups?.(),
  peer: stream.peer,
})
await stream.read()
await stream.close()
