/** A promise that somebody else resolves. */
export class Promised<T> {
  readonly promise: Promise<T>
  readonly resolve: (value: T) => void

  constructor() {
    const executor: { resolve?: (value: T) => void } = {}
    this.promise = new Promise((resolve) => {
      executor.resolve = resolve
    })
    this.resolve = executor.resolve as (value: T) => void
  }
}

/** Counts what was sent and has not gone yet. */
export class Outstanding {
  #count = 0
  #gone = new Promised<void>()

  add(): void {
    this.#count++
  }

  /** One less. May be handed on as a callback. */
  readonly done = (): void => {
    if (--this.#count > 0) return
    this.#gone.resolve()
    this.#gone = new Promised()
  }

  /** Resolves when everything has gone. */
  async settled(): Promise<void> {
    if (this.#count > 0) await this.#gone.promise
  }
}
