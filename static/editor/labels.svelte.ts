/** The project's labels as they are now. */

import { get, Refused } from "../ui/api"
import type { Label } from "./contract"

const AGAIN = 2_000 // milliseconds

export class Labels {
  byId = $state.raw<ReadonlyMap<number, Label>>(new Map())
  #again = 0

  constructor(
    private readonly project: number,
    labels: readonly Label[],
  ) {
    this.#take(labels)
  }

  /** Right after being away the network may not be there yet: tried again until the server has answered. */
  async fetch(): Promise<void> {
    clearTimeout(this.#again)
    try {
      this.#take(await get<Label[]>(`/api/projects/${this.project}/labels/`))
    } catch (error) {
      const answered = error instanceof Refused && error.status > 0 && error.status < 500
      if (!answered) this.#again = window.setTimeout(() => void this.fetch(), AGAIN)
    }
  }

  /** A label that is gone from the list keeps showing on old annotations, as removed. */
  #take(labels: readonly Label[]): void {
    const now = new Map(labels.map((label) => [label.id, label]))
    for (const [id, label] of this.byId) if (!now.has(id)) now.set(id, { ...label, removed: true })
    this.byId = now
  }

  close(): void {
    clearTimeout(this.#again)
  }
}
