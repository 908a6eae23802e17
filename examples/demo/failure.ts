/** A failure whose message is all that the person at the terminal needs. */
export class DemoFailure extends Error {}

/** One line that says what went wrong, for whatever was thrown. */
export function oneLine(thrown: unknown): string {
  const text = thrown instanceof Error ? thrown.message : String(thrown)
  return text.replaceAll(/\s*\n\s*/g, ' ')
}

/** The code of a system's error or of one of local-socket's, if there is one. */
export function codeOf(thrown: unknown): string | undefined {
  return thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined
}
