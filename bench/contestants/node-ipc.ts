import { driveOver, serveOver, type Channel } from '../channel.js'
import type { Contestant } from '../job.js'
import { load } from '../peers.js'

/** What is used of the package. */
interface Package {
  config: { id: string; silent: boolean; stopRetrying: boolean }
  serve(path: string, started: () => void): void
  server: {
    on(event: 'message', taken: (data: string, socket: unknown) => void): void
    on(event: 'connect', connected: (socket: unknown) => void): void
    emit(socket: unknown, event: 'message', data: string): void
    start(): void
  }
  connectTo(id: string, path: string, made: () => void): void
  of: Record<string, Client>
}

interface Client {
  on(event: 'message' | 'connect', taken: (data: string) => void): void
  emit(event: 'message', data: string): void
  socket: { writableLength: number; once(event: 'drain', drained: () => void): void }
}

/** Its messages are JSON, which carries no bytes: they go as Base64. */
function encode(message: Uint8Array): string {
  return Buffer.from(message.buffer, message.byteOffset, message.length).toString('base64')
}

function decode(data: string): Uint8Array {
  return Buffer.from(data, 'base64')
}

function quiet(): Package {
  const ipc = load<Package>('node-ipc')
  Object.assign(ipc.config, { silent: true, stopRetrying: true })
  return ipc
}

export const nodeIpc: Contestant = {
  async serve(job, listening) {
    const ipc = quiet()
    ipc.serve(job.path, listening)
    const connected = new Promise<unknown>((resolve) => ipc.server.on('connect', resolve))
    ipc.server.start()
    const client = await connected
    const channel: Channel = {
      send: (message) => ipc.server.emit(client, 'message', encode(message)),
      receive: (taken) => ipc.server.on('message', (data) => taken(decode(data))),
      flush: () => Promise.resolve(), // Nobody asks a server for it.
    }
    return await serveOver(channel, job)
  },
  async drive(job) {
    const ipc = quiet()
    const server = await new Promise<Client>((resolve) => {
      ipc.connectTo('server', job.path, () => {
        const client = ipc.of['server'] as Client
        client.on('connect', () => resolve(client))
      })
    })
    const channel: Channel = {
      send: (message) => server.emit('message', encode(message)),
      receive: (taken) => server.on('message', (data) => taken(decode(data))),
      async flush() {
        if (server.socket.writableLength === 0) return
        await new Promise<void>((resolve) => server.socket.once('drain', resolve))
      },
    }
    return await driveOver(channel, job)
  },
}
