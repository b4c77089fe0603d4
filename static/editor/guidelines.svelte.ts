/** Whether someone has read the guidelines, the project's and the labels', as they are: told until they open them. */

import { post } from "../ui/api"
import { t } from "../ui/strings"
import { Asked } from "./asked"
import type { Label } from "./contract"

export class Guidelines {
  readonly #id: number
  readonly #labels: () => Iterable<Label>
  readonly asked: Asked<{ guidelines_html: string }>
  /** The project's, as HTML that the server has made safe. */
  ofProject = $state("")
  #known = $state("")
  /** What the server keeps of those that one has read. */
  readonly print = $derived.by(() => fingerprint(this.ofProject + inOrder(this.ofLabels).map(plain).join("")))
  readonly #any = $derived.by(() => Boolean(this.ofProject) || this.ofLabels.length > 0)

  constructor(project: { id: number; guidelines: string; guidelines_read: string }, labels: () => Iterable<Label>) {
    this.#id = project.id
    this.ofProject = project.guidelines
    this.#labels = labels
    this.#known = project.guidelines_read
    this.asked = new Asked(`/api/projects/${project.id}/`, (now) => (this.ofProject = now.guidelines_html))
  }

  /** What is told of them in words; nothing when they are read as they are. */
  get told(): string {
    if (!this.fresh) return ""
    return this.fresh === "new"
      ? t("You have not read the guidelines yet.")
      : t("The guidelines have changed since you read them.")
  }

  /** The labels that have some. */
  get ofLabels(): Label[] {
    return [...this.#labels()].filter((label) => label.guidelines_html && !label.removed)
  }

  /** "new" when the person has never opened them, on any device, "changed" when they have, as they stood before. */
  get fresh(): "new" | "changed" | null {
    if (!this.#any || this.#known === this.print) return null
    return this.#known === "" ? "new" : "changed"
  }

  read(): void {
    this.#known = this.print
    const address = `/api/projects/${this.#id}/guidelines/read/`
    void post(address, { fingerprint: this.print }).catch(() => undefined) // then it is told again next time
  }
}

/** Labels that only changed places or names leave their guidelines as they were. */
function inOrder(labels: readonly Label[]): Label[] {
  return [...labels].sort((one, other) => one.id - other.id)
}

function plain({ id, guidelines_html }: Label): string {
  return `\n${id}\n${guidelines_html ?? ""}`
}

/** FNV-1a, 32 bits: enough to see that a text is another. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
