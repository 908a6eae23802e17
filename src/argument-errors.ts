/**
 * The errors of bad arguments: what Node itself throws, with its codes.
 */
function coded<E extends Error>(error: E, code: string): E & { code: string } {
  return Object.assign(error, { code })
}

/** A value, in a few words. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return String(value)
  if (typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'function') return `function ${value.name}`
  if (typeof value === 'object') {
    const maker: unknown = (value as { constructor?: unknown }).constructor
    return typeof maker === 'function' && maker.name !== ''
      ? `an instance of ${maker.name}`
      : 'an object'
  }
  return `${typeof value} ${String(value)}`
}

/** A wrong type: what was wanted, and what came. */
export function argumentType(argument: string, wanted: string, value: unknown): Error {
  return coded(
    new TypeError(`${argument} must be ${wanted}. Received ${shown(value)}`),
    'ERR_INVALID_ARG_TYPE',
  )
}

/** A right type with a value that cannot be. */
export function argumentValue(message: string): Error {
  return coded(new TypeError(message), 'ERR_INVALID_ARG_VALUE')
}

/** A function that was given to us answered with what can't be. */
export function returnValue(what: string, wanted: string, value: unknown): Error {
  return coded(
    new TypeError(`${what} must give ${wanted}. It gave ${shown(value)}`),
    'ERR_INVALID_RETURN_VALUE',
  )
}

/** A number outside of what is possible. */
export function argumentRange(argument: string, wanted: string, value: unknown): Error {
  return coded(
    new RangeError(`${argument} must be ${wanted}. Received ${shown(value)}`),
    'ERR_OUT_OF_RANGE',
  )
}

/** For classes whose objects only this package makes. */
export function illegalConstructor(instead: string): Error {
  return coded(new TypeError(`Illegal constructor: ${instead}`), 'ERR_ILLEGAL_CONSTRUCTOR')
}
