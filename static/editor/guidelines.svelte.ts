/** Whether someone has read the guidelines, the project's and the labels', as they are: told until they open them. */

import { remember, remembered } from "../ui/memory"
import type { Label } from "./contract"

export class Guidelines {
  readonly #key: string
  readonly #project: string
  readonly #labels: () => Iterable<Label>
  #known: string | null = $state(null)
  readonly #print = $derived.by(() => fingerprint(this.#project + this.ofLabels.map(plain).join("")))
  readonly #any = $derived.by(() => Boolean(this.#project) || this.ofLabels.length > 0)

  constructor(project: { id: number; guidelines: string }, labels: () => Iterable<Label>) {
    this.#key = `guidelines.${project.id}`
    this.#project = project.guidelines
    this.#labels = labels
    this.#known = remembered(this.#key)
  }

  /** The labels that have some. */
  get ofLabels(): Label[] {
    return [...this.#labels()].filter((label) => label.guidelines_html && !label.removed)
  }

  /** "new" when they were never opened in this browser, "changed" when they were, as they stood before. */
  get fresh(): "new" | "changed" | null {
    if (!this.#any || this.#known === this.#print) return null
    return this.#known === null ? "new" : "changed"
  }

  read(): void {
    remember(this.#key, this.#print)
    this.#known = this.#print
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
