/** What an iteration goes through. */
export interface Steps<T> {
  /** The next one, or the end. */
  step(): Promise<IteratorResult<T, undefined>>
}

/**
 * `for await` over what keeps coming. Leaving the loop leaves what is iterated as it is.
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #steps: Steps<T>
  #done = false

  constructor(steps: Steps<T>) {
    this.#steps = steps
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#done ? Promise.resolve({ done: true, value: undefined }) : this.#steps.step()
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#done = true
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
