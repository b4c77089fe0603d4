import type { Unsubscribe } from "./contract"

/** Something that is told to whoever listens. */
export class Topic<T = void> {
  protected readonly listeners = new Set<(value: T) => void>()

  on(listener: (value: T) => void): Unsubscribe {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  get heard(): boolean {
    return this.listeners.size > 0
  }

  tell(value: T): void {
    for (const listener of this.listeners) listener(value)
  }
}

/** What is told before anyone listens waits for the first who does. */
export class PatientTopic<T> extends Topic<T> {
  private early: T[] = []

  override on(listener: (value: T) => void): Unsubscribe {
    const off = super.on(listener)
    for (const value of this.early.splice(0)) listener(value)
    return off
  }

  override tell(value: T): void {
    if (this.heard) super.tell(value)
    else this.early.push(value)
  }
}
