/** Back ends that are asked about the open item, and about what is selected there: what they say is suggested. */

import type { Id } from "../live/contract"
import { get, post } from "../ui/api"
import { plural, t } from "../ui/strings"
import type { Editor } from "./editor.svelte"

/** One of GET /api/projects/ID/back-ends/. */
export interface BackEnd {
  id: number
  name: string
  interactive: boolean
}

interface Answered {
  suggested: number
  left_out: number
}

export class Asking {
  #all = $state.raw<readonly BackEnd[]>([])
  /** One is asked, and has not answered yet. */
  busy = $state(false)
  /** What it was asked about: a suggestion that says the same again, only better, is shown all the same. */
  about = $state.raw<ReadonlySet<Id>>(new Set())
  #asked = false

  constructor(private readonly editor: Editor) {}

  get backEnds(): readonly BackEnd[] {
    return this.#all
  }

  enter(): void {
    this.about = new Set()
    if (this.#asked) return
    this.#asked = true
    void get<BackEnd[]>(`/api/projects/${this.editor.project.id}/back-ends/`)
      .then((all) => (this.#all = all.filter(({ interactive }) => interactive)))
      .catch(() => (this.#asked = false))
  }

  async ask({ id, name }: BackEnd): Promise<void> {
    const { editor } = this
    const { item, selected, toasts } = editor
    if (!item || this.busy) return
    this.busy = true
    const about = selected.map(({ label, shape }) => ({ label, shape }))
    try {
      const { suggested, left_out } = await post<Answered>(`/api/items/${item.id}/ask/`, { back_end: id, about })
      if (editor.item?.id !== item.id) return
      this.about = new Set(selected.map((record) => record.id))
      if (left_out) {
        const what = plural(left_out, "{n} thing", "{n} things")
        toasts.show("warn", t("{name} found {what} that no label here takes.", { name, what }))
      } else if (!suggested) toasts.show("info", t("{name} finds nothing here.", { name }))
    } catch (error) {
      toasts.show("bad", t("{name}: {why}", { name, why: error instanceof Error ? error.message : String(error) }))
    } finally {
      this.busy = false
    }
  }
}
