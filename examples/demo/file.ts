import { open, type FileHandle } from 'node:fs/promises'

import { codeOf, DemoFailure, oneLine } from './failure.js'

/** A file that is open for reading. */
export interface SourceFile {
  readonly handle: FileHandle
  readonly path: string
  readonly size: number
}

/** Opens a regular file, or says in one line why that can't be. */
export async function openFile(path: string): Promise<SourceFile> {
  let handle
  try {
    handle = await open(path)
  } catch (error) {
    throw new DemoFailure(unreadable(path, error))
  }
  const facts = await handle.stat()
  if (facts.isFile()) return { handle, path, size: facts.size }
  await handle.close()
  const what = facts.isDirectory() ? 'a directory' : 'not a regular file'
  throw new DemoFailure(`${path} is ${what}: name a file to send`)
}

function unreadable(path: string, error: unknown): string {
  switch (codeOf(error)) {
    case 'ENOENT':
      return `there is no file at ${path}`
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be read by this user`
    default:
      return oneLine(error)
  }
}
