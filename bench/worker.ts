// One process of a trial: `node worker.js server|client CONTESTANT JOB`, started by trial.ts.

import type { Contestant, Findings, Job } from './job.js'

/** What a worker tells its parent. */
export type Report = { listening: true } | { findings: Findings }

const CONTESTANTS: Record<string, () => Promise<Contestant>> = {
  'local-socket': async () => (await import('./contestants/local-socket.js')).localSocket,
  'local-socket readInto': async () =>
    (await import('./contestants/local-socket.js')).localSocketReadInto,
  net: async () => (await import('./contestants/net.js')).net,
  'net cork': async () => (await import('./contestants/net.js')).netCork,
  'net onread': async () => (await import('./contestants/net.js')).netOnread,
}

function report(message: Report): void {
  process.send?.(message)
}

async function work([role, name = '', order = '']: string[]): Promise<void> {
  // Each process loads its own contestant alone.
  const load = CONTESTANTS[name]
  if (load === undefined) throw new Error(`no contestant is named ${name}`)
  const contestant = await load()
  const job = JSON.parse(order) as Job
  if (role === 'server') {
    report({ findings: await contestant.serve(job, () => report({ listening: true })) })
  } else {
    await new Promise((go) => process.once('message', go))
    report({ findings: await contestant.drive(job) })
  }
  process.disconnect?.()
}

// The parent kills whoever is left when a trial fails; should it die itself, leave too.
process.once('disconnect', () => process.exit())

work(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
