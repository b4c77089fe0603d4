/** `<item-grid bootstrap="id">`: the grid of a project's items as an element; the id is that of its JSON in the page. */

import { mount, unmount } from "svelte"

import type { Bootstrap } from "./contract"
import Grid from "./Grid.svelte"

class ItemGrid extends HTMLElement {
  #grid: Record<string, unknown> | null = null

  connectedCallback(): void {
    const source = document.getElementById(this.getAttribute("bootstrap") ?? "")
    const bootstrap = JSON.parse(source?.textContent ?? "") as Bootstrap
    this.#grid = mount(Grid, { target: this, props: { bootstrap } })
  }

  disconnectedCallback(): void {
    if (this.#grid) void unmount(this.#grid)
    this.#grid = null
  }
}

customElements.define("item-grid", ItemGrid)
