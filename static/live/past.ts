/** What one can take back and do again on a sheet, as far as this page knows. The server's log decides [U1]. */

import type { Applied, OperationIn } from "./messages.gen"

export class Past {
  /** One's actions in the log that are not undone, and one's undos that can be redone. */
  done = 0
  undone = 0
  /** Actions that were taken back before they were sent; the latest last. */
  private withdrawn: (readonly OperationIn[])[] = []
  private readonly counted = new Set<string>()

  reset(done: number, undone: number): void {
    this.done = done
    this.undone = undone
  }

  get canDoAgain(): boolean {
    return this.withdrawn.length > 0
  }

  /** One has done something new: what could be redone is gone. */
  acted(): void {
    this.undone = 0
    this.withdrawn = []
  }

  withdraw(operations: readonly OperationIn[]): void {
    this.withdrawn.push(operations)
  }

  doAgain(): readonly OperationIn[] | undefined {
    return this.withdrawn.pop()
  }

  /** One's own batch is in the log; `here` says that this page had sent it. */
  applied({ action, source }: Applied, here: boolean): void {
    if (this.counted.has(action)) return // another part of the same action
    this.counted.add(action)
    if (source === "undo") {
      this.done = Math.max(0, this.done - 1)
      this.undone += 1
    } else if (source === "redo") {
      this.undone = Math.max(0, this.undone - 1)
      this.done += 1
    } else {
      this.done += 1
      this.undone = 0
      if (!here) this.withdrawn = []
    }
  }
}
