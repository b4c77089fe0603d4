/**
 * A decoded photo with its half, its quarter and so on: drawn from the one that is just large enough, a 4K photo costs no
 * more than what is on the screen. The halvings are made one by one after decoding, so that none of them holds up a frame.
 */

const SMALLEST = 512 // pixels
const BREATH = 30 // milliseconds between two halvings

export class Halvings {
  private readonly levels: ImageBitmap[]
  private closed = false
  /** When all are made. */
  readonly made: Promise<void>

  constructor(full: ImageBitmap) {
    this.levels = [full]
    this.made = this.halve(full)
  }

  /** The smallest that is at least so wide, else the whole photo; null once it is closed. */
  atLeast(width: number): ImageBitmap | null {
    return this.levels.findLast((level) => level.width >= width) ?? this.levels[0] ?? null
  }

  close(): void {
    this.closed = true
    for (const level of this.levels.splice(0)) level.close()
  }

  private async halve(full: ImageBitmap): Promise<void> {
    let last = full
    while (Math.max(last.width, last.height) > SMALLEST) {
      await new Promise((wake) => setTimeout(wake, BREATH))
      if (this.closed) return
      const half = { resizeWidth: Math.ceil(last.width / 2), resizeHeight: Math.ceil(last.height / 2) }
      last = await createImageBitmap(last, { ...half, resizeQuality: "low" })
      if (this.closed) last.close()
      else this.levels.push(last)
    }
  }
}
