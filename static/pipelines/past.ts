/** What was, so that it can be again: values that are replaced whole. */

const MOST = 200
const TOGETHER = 800 // milliseconds between changes of one thing, such as letters that are typed

export class Past<Value> {
  #before: Value[] = []
  #after: Value[] = []
  #about = ""
  #at = 0

  get canUndo(): boolean {
    return this.#before.length > 0
  }

  get canRedo(): boolean {
    return this.#after.length > 0
  }

  /** `before` gives way to something else. What changes the same thing soon after is undone with it. */
  push(before: Value, about = "", now = Date.now()): void {
    const goesOn = about !== "" && about === this.#about && now - this.#at < TOGETHER
    if (!goesOn) this.#before = [...this.#before, before].slice(-MOST)
    this.#after = []
    this.#about = about
    this.#at = now
  }

  undo(now: Value): Value {
    return this.#go(this.#before, this.#after, now)
  }

  redo(now: Value): Value {
    return this.#go(this.#after, this.#before, now)
  }

  #go(from: Value[], to: Value[], now: Value): Value {
    const found = from.pop()
    if (found === undefined) return now
    to.push(now)
    this.#about = ""
    return found
  }
}
