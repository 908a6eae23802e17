/**
 * `for await` over what keeps coming. Leaving the loop leaves what is iterated as it is.
 */
export class Iteration<T> implements AsyncIterableIterator<T, undefined, undefined> {
  readonly #step: () => Promise<IteratorResult<T, undefined>>
  #done = false

  constructor(step: () => Promise<IteratorResult<T, undefined>>) {
    this.#step = step
  }

  next(): Promise<IteratorResult<T, undefined>> {
    return this.#done ? Promise.resolve({ done: true, value: undefined }) : this.#step()
  }

  return(): Promise<IteratorResult<T, undefined>> {
    this.#done = true
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
