import { RECEIPT_BYTES, type Contestant, type Findings, type Job } from '../job.js'
import { Meter } from '../meter.js'
import { load } from '../peers.js'
import { Echo, Receiver } from '../roles.js'
import { blankMessage, SequenceCheck, stamp } from '../sequence.js'

/** What is used of the package. */
interface Socket extends AsyncIterable<Buffer[]> {
  bind(address: string): Promise<void>
  connect(address: string): void
  send(message: Uint8Array): Promise<void>
  receive(): Promise<Buffer[]>
  close(): void
}
type Package = Record<'Push' | 'Pull' | 'Request' | 'Reply', new () => Socket>

/** Push and Pull carry one way; receipts take another pair. */
function addresses({ path }: Job): { there: string; back: string } {
  return { there: `ipc://${path}`, back: `ipc://${path}.back` }
}

async function send(job: Job, listening: () => void): Promise<Findings> {
  const { Push, Pull } = load<Package>('zeromq')
  const { there, back } = addresses(job)
  const [push, receipts] = [new Push(), new Pull()]
  await Promise.all([push.bind(there), receipts.bind(back)])
  listening()
  const message = blankMessage(job.size)
  const meter = new Meter()
  let sequence = 0
  for (const phase of [job.warmUp, job.count]) {
    meter.start()
    for (let i = 0; i < phase; i++) {
      stamp(message, sequence++)
      // The memory is the package's from now on.
      await push.send(Buffer.from(message))
    }
    await receipts.receive()
  }
  const findings = meter.stop()
  push.close()
  receipts.close()
  return findings
}

async function receive(job: Job): Promise<Findings> {
  const { Push, Pull } = load<Package>('zeromq')
  const { there, back } = addresses(job)
  const [pull, receipts] = [new Pull(), new Push()]
  pull.connect(there)
  receipts.connect(back)
  let receipt: Promise<void> | undefined
  const receiver = new Receiver(job, () => {
    receipt = receipts.send(new Uint8Array(RECEIPT_BYTES))
  })
  const all = (job.warmUp + job.count) * job.size
  for await (const [message] of pull) {
    receiver.message(message as Buffer)
    receiver.settle()
    if (receiver.total === all) break
  }
  await receipt
  pull.close()
  receipts.close()
  return receiver.findings()
}

async function echo(job: Job, listening: () => void): Promise<Findings> {
  const { Reply } = load<Package>('zeromq')
  const reply = new Reply()
  await reply.bind(addresses(job).there)
  listening()
  const echoed = new Echo(job)
  for await (const [message] of reply) {
    const last = echoed.passed((message as Buffer).length)
    await reply.send(message as Buffer)
    if (last) break
  }
  reply.close()
  return echoed.findings()
}

async function ping(job: Job): Promise<Findings> {
  const { Request } = load<Package>('zeromq')
  const request = new Request()
  request.connect(addresses(job).there)
  const message = blankMessage(job.size)
  const check = new SequenceCheck(job.size)
  const meter = new Meter(job)
  for (let sequence = 0; sequence < job.warmUp + job.count; sequence++) {
    if (sequence === job.warmUp) meter.start()
    const began = performance.now()
    stamp(message, sequence)
    await request.send(Buffer.from(message))
    const [reply] = await request.receive()
    check.message(reply as Buffer)
    if (sequence >= job.warmUp) meter.roundTrip(began)
  }
  const findings = meter.stop()
  request.close()
  return findings
}

export const zeromq: Contestant = {
  serve: (job, listening) => (job.work === 'one-way' ? send : echo)(job, listening),
  drive: (job) => (job.work === 'one-way' ? receive(job) : ping(job)),
}
