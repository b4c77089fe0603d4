/** `<pipeline-editor bootstrap="id">`: the editor of a pipeline as an element; the id is that of its JSON in the page. */

import { mount, unmount } from "svelte"

import "../ui/bell"
import { startTheme } from "../ui/theme"
import type { Bootstrap } from "./contract"
import "@xyflow/svelte/dist/style.css"
import "../ui/look.css"
import "../ui/marks.css"
import "../ui/tools.css"
import PipelineEditor from "./PipelineEditor.svelte"

class PipelineEditorElement extends HTMLElement {
  #editor: Record<string, unknown> | null = null

  connectedCallback(): void {
    const source = document.getElementById(this.getAttribute("bootstrap") ?? "")
    const bootstrap = JSON.parse(source?.textContent ?? "") as Bootstrap
    this.#editor = mount(PipelineEditor, { target: this, props: { bootstrap } })
  }

  disconnectedCallback(): void {
    if (this.#editor) void unmount(this.#editor)
    this.#editor = null
  }
}

startTheme()
customElements.define("pipeline-editor", PipelineEditorElement)
