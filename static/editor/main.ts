/** `<annotation-editor bootstrap="id">`: the editor as an element; the id is that of its JSON in the page. */

import { mount, unmount } from "svelte"

import { openLive } from "../live/live"
import "../ui/bell"
import { startTheme } from "../ui/theme"
import type { Bootstrap } from "./contract"
import "../ui/look.css"
import "../ui/marks.css"
import "./editor.css"
import Editor from "./Editor.svelte"

class AnnotationEditor extends HTMLElement {
  #editor: Record<string, unknown> | null = null

  connectedCallback(): void {
    const source = document.getElementById(this.getAttribute("bootstrap") ?? "")
    const bootstrap = JSON.parse(source?.textContent ?? "") as Bootstrap
    const live = openLive({ user: bootstrap.user.id })
    this.#editor = mount(Editor, { target: this, props: { bootstrap, live } })
  }

  disconnectedCallback(): void {
    if (this.#editor) void unmount(this.#editor)
    this.#editor = null
  }
}

startTheme()
customElements.define("annotation-editor", AnnotationEditor)
