/** `<confusion-map bootstrap="id">`: the confusion map as an element; the id is that of its JSON in the page. */

import { mount, unmount } from "svelte"

import "../ui/bell"
import { startTheme } from "../ui/theme"
import type { Bootstrap } from "./contract"
import "../ui/look.css"
import "../ui/marks.css"
import "../ui/tools.css"
import ConfusionMap from "./ConfusionMap.svelte"

class ConfusionMapElement extends HTMLElement {
  #map: Record<string, unknown> | null = null

  connectedCallback(): void {
    const source = document.getElementById(this.getAttribute("bootstrap") ?? "")
    const bootstrap = JSON.parse(source?.textContent ?? "") as Bootstrap
    this.#map = mount(ConfusionMap, { target: this, props: { bootstrap } })
  }

  disconnectedCallback(): void {
    if (this.#map) void unmount(this.#map)
    this.#map = null
  }
}

startTheme()
customElements.define("confusion-map", ConfusionMapElement)
