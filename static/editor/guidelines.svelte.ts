/** Whether someone has read the guidelines, the project's and the labels', as they are: told until they open them. */

import { post } from "../ui/api"
import type { Label } from "./contract"

export class Guidelines {
  readonly #id: number
  readonly #project: string
  readonly #labels: () => Iterable<Label>
  #known = $state("")
  readonly #print = $derived.by(() => fingerprint(this.#project + this.ofLabels.map(plain).join("")))
  readonly #any = $derived.by(() => Boolean(this.#project) || this.ofLabels.length > 0)

  constructor(project: { id: number; guidelines: string; guidelines_read: string }, labels: () => Iterable<Label>) {
    this.#id = project.id
    this.#project = project.guidelines
    this.#labels = labels
    this.#known = project.guidelines_read
  }

  /** The labels that have some. */
  get ofLabels(): Label[] {
    return [...this.#labels()].filter((label) => label.guidelines_html && !label.removed)
  }

  /** "new" when the person has never opened them, on any device, "changed" when they have, as they stood before. */
  get fresh(): "new" | "changed" | null {
    if (!this.#any || this.#known === this.#print) return null
    return this.#known === "" ? "new" : "changed"
  }

  read(): void {
    this.#known = this.#print
    const address = `/api/projects/${this.#id}/guidelines/read/`
    void post(address, { fingerprint: this.#print }).catch(() => undefined) // then it is told again next time
  }
}

function plain({ name, guidelines_html }: Label): string {
  return `\n${name}\n${guidelines_html ?? ""}`
}

/** FNV-1a, 32 bits: enough to see that a text is another. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
