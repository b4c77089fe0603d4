/** What is changed and not saved stays with the tab: through a crash, a reload, a phone that forgets a page. */

import type { Graph } from "./contract"

export interface Kept {
  graph: Graph
  name: string
  /** The version that it was made from. */
  number: number
}

export class Draft {
  readonly #key: string

  constructor(project: number, pipeline: number | null) {
    this.#key = `pipeline ${project}/${pipeline ?? "new"}`
  }

  get(): Kept | null {
    try {
      return JSON.parse(sessionStorage.getItem(this.#key) ?? "null") as Kept | null
    } catch {
      return null
    }
  }

  keep(kept: Kept): void {
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(kept))
    } catch {
      this.drop() // it takes no more, or nothing: what is older would be no help
    }
  }

  drop(): void {
    try {
      sessionStorage.removeItem(this.#key)
    } catch {
      // there is none
    }
  }
}
