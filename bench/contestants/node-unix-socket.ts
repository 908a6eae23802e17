import { once, type EventEmitter } from 'node:events'

import { driveOver, serveOver, type Channel } from '../channel.js'
import type { Contestant } from '../job.js'
import { load } from '../peers.js'
import { Outstanding } from '../promised.js'

/** What is used of the package: SEQPACKET sockets, which keep the borders of messages. */
interface Package {
  SeqpacketServer: new () => EventEmitter & { listen(path: string): void; close(): void }
  SeqpacketSocket: new () => Socket & { connect(path: string): void }
}

interface Socket extends EventEmitter {
  write(message: Buffer, offset: number, length: number, done: () => void): void
}

function over(socket: Socket): Channel {
  const sending = new Outstanding()
  return {
    send(message) {
      sending.add()
      const bytes = Buffer.from(message.buffer, message.byteOffset, message.length)
      socket.write(bytes, 0, bytes.length, sending.done)
    },
    receive: (taken) => void socket.on('data', taken),
    flush: () => sending.settled(),
  }
}

export const nodeUnixSocket: Contestant = {
  async serve(job, listening) {
    const { SeqpacketServer } = load<Package>('node-unix-socket')
    const server = new SeqpacketServer()
    server.listen(job.path)
    listening()
    const [socket] = (await once(server, 'connection')) as [Socket]
    return await serveOver(over(socket), job)
  },
  async drive(job) {
    const { SeqpacketSocket } = load<Package>('node-unix-socket')
    const socket = new SeqpacketSocket()
    const connected = once(socket, 'connect')
    socket.connect(job.path)
    await connected
    return await driveOver(over(socket), job)
  },
}
