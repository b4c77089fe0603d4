/** Keeps what a page sends below the server's limit of 200 operations a second [W11]. */

const WINDOW = 1_050
const MOST = 190
/** The most operations that go into one batch, so that it fits into one window. */
export const MOST_A_BATCH = 95

export class Pace {
  private spent: { at: number; count: number }[] = []

  /** How many milliseconds to wait before so many operations may be sent. */
  wait(count: number): number {
    const now = Date.now()
    this.spent = this.spent.filter(({ at }) => now - at < WINDOW)
    let excess = this.spent.reduce((sum, past) => sum + past.count, count) - MOST
    for (const past of this.spent) {
      if (excess <= 0) return 0
      excess -= past.count
      if (excess <= 0) return past.at + WINDOW - now
    }
    return 0
  }

  spend(count: number): void {
    this.spent.push({ at: Date.now(), count })
  }
}
