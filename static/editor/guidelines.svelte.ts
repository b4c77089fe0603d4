/** Whether someone has read the guidelines as they are: told until they open them. */

import { remember, remembered } from "../ui/memory"

export class Guidelines {
  readonly #key: string
  readonly #print: string
  /** "new" when they were never opened in this browser, "changed" when they were, as they stood before. */
  fresh: "new" | "changed" | null = $state(null)

  constructor(project: number, text: string) {
    this.#key = `guidelines.${project}`
    this.#print = fingerprint(text)
    const read = remembered(this.#key)
    if (text && read !== this.#print) this.fresh = read === null ? "new" : "changed"
  }

  read(): void {
    remember(this.#key, this.#print)
    this.fresh = null
  }
}

/** FNV-1a, 32 bits: enough to see that a text is another. */
function fingerprint(text: string): string {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return (hash >>> 0).toString(36)
}
