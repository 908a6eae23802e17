const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** A file of this size or more gets a progress bar on a terminal. */
const WORTH_A_BAR_BYTES = 8 * 2 ** 20

const BAR_CELLS = 32
const REDRAW_MS = 100

/** A number of bytes for people. */
export function bytesText(bytes: number): string {
  let unit = 0
  let value = bytes
  for (; value >= 1024 && unit < UNITS.length - 1; unit++) value /= 1024
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`
}

/** One labelled line of the report. */
export function say(label: string, text: string): void {
  console.log(`${label.padEnd(12)}${text}`)
}

/** A progress bar on stderr, silent where there is no terminal or little to wait for. */
export class ProgressBar {
  readonly #total: number
  readonly #shown: boolean
  readonly #start = performance.now()
  #drawn = -Infinity

  constructor(total: number) {
    this.#total = total
    this.#shown = process.stderr.isTTY && total >= WORTH_A_BAR_BYTES
  }

  /** Draws how far it is, at most every tenth of a second. */
  update(bytes: number): void {
    const now = performance.now()
    if (!this.#shown || now - this.#drawn < REDRAW_MS) return
    this.#drawn = now
    const share = Math.min(1, bytes / this.#total)
    const cells = Math.floor(share * BAR_CELLS)
    const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells)
    const speed = bytesText((bytes / Math.max(1, now - this.#start)) * 1000)
    const percent = `${Math.floor(share * 100)}`.padStart(3)
    process.stderr.write(`\r${bar} ${percent} %  ${bytesText(bytes)}  ${speed}/s\x1b[K`)
  }

  /** Leaves the terminal's line as it was. */
  clear(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K')
  }
}
