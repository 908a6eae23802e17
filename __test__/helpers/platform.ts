/** What a test may count on goes by the system. */
import { existsSync } from 'node:fs'

export const windows: boolean = process.platform === 'win32'
export const linux: boolean = process.platform === 'linux'

/** Windows as Wine imitates it, which is not all of it. */
export const wine: boolean = windows && existsSync('C:\\windows\\system32\\winecfg.exe')

/** What a connect fails with where a namespaced name, or the name of a killed server, is nobody's. */
export const NOBODY_LISTENS: string = windows ? 'ENOENT' : 'ECONNREFUSED'
