/** What the package does not export, for tests of what can not be seen from outside. */
import type * as coreWatchModule from '../../dist/core-watch.js'
import type * as endpointModule from '../../dist/endpoint.js'
import type * as patienceModule from '../../dist/patience.js'

/** Compiled helpers are one folder further from it than their sources are. */
const DIST = new URL('../../../dist/', import.meta.url)

async function load(file: string): Promise<unknown> {
  return import(new URL(file, DIST).href)
}

const coreWatch = (await load('core-watch.js')) as typeof coreWatchModule
const endpoint = (await load('endpoint.js')) as typeof endpointModule
const patience = (await load('patience.js')) as typeof patienceModule

export const { CoreWatch } = coreWatch
export const native: typeof endpointModule.native = endpoint.native
export const { Patience, patienceFor } = patience
