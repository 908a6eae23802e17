/** What stands in a {@link Line}. */
export interface Linked<Self> {
  before: Self | undefined
  after: Self | undefined
}

/**
 * A queue from whose middle a cancelled operation can be taken at no cost. Those who keep one
 * extend it: thousands of connections have one for each direction.
 */
export abstract class Line<T extends Linked<T>> {
  first: T | undefined
  #last: T | undefined

  push(item: T): void {
    item.before = this.#last
    if (this.#last === undefined) this.first = item
    else this.#last.after = item
    this.#last = item
  }

  remove(item: T): void {
    if (item.before === undefined) this.first = item.after
    else item.before.after = item.after
    if (item.after === undefined) this.#last = item.before
    else item.after.before = item.before
    item.before = undefined
    item.after = undefined
  }
}
