// Connects, says who it is and whom it sees at the other end, and stays until that end closes.
import { argv } from 'node:process'

import { connect } from 'local-socket'

import { say } from '../helpers/say.js'

const [, , name = ''] = argv
const stream = await connect(name)
say({
  self: { pid: process.pid, uid: process.getuid?.(), gid: process.getgid?.() },
  groups: process.getgroups?.(),
  peer: stream.peer,
})
await stream.read()
await stream.close()
