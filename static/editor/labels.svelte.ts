/** The project's labels as they are now. */

import { Asked } from "./asked"
import type { Label } from "./contract"

export class Labels {
  byId = $state.raw<ReadonlyMap<number, Label>>(new Map())
  readonly asked: Asked<Label[]>

  constructor(project: number, labels: readonly Label[]) {
    this.#take(labels)
    this.asked = new Asked(`/api/projects/${project}/labels/`, (now) => this.#take(now))
  }

  /** A label that is gone from the list keeps showing on old annotations, as removed. */
  #take(labels: readonly Label[]): void {
    const now = new Map(labels.map((label) => [label.id, label]))
    for (const [id, label] of this.byId) if (!now.has(id)) now.set(id, { ...label, removed: true })
    this.byId = now
  }
}
