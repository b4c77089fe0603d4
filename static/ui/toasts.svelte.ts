/** Short notices at the edge of the page. */

export interface Toast {
  id: number
  tone: "info" | "warn" | "bad"
  text: string
  action?: { title: string; run: () => void }
  /** The annotation it is about. */
  about?: string
}

const SECONDS = { info: 5, warn: 8 }
const MOST_PASSING = 4

export class Toasts {
  shown = $state.raw<readonly Toast[]>([])
  #last = 0
  #held = false
  /** Only what was started since one last looked away lets a notice go. */
  #turn = 0

  /** What went wrong stays until it is dismissed. The same words again only stay longer. */
  show(tone: Toast["tone"], text: string, action?: Toast["action"], about?: string): void {
    const toast = { id: ++this.#last, tone, text, action, about }
    const shown = [...this.shown.filter((other) => other.text !== text), toast]
    const passing = shown.filter(passes).slice(-MOST_PASSING)
    this.shown = shown.filter((one) => !passes(one) || passing.includes(one))
    if (!this.#held) this.#start(toast)
  }

  drop(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id)
  }

  /** Annotations are as they were at another moment: what was told of any holds no longer. */
  restored(): void {
    this.shown = this.shown.filter(({ about }) => !about)
  }

  /** Nothing goes while one reads it or is at its button. */
  hold(held: boolean): void {
    if (held === this.#held) return
    this.#held = held
    this.#turn += 1
    if (!held) for (const toast of this.shown) this.#start(toast)
  }

  #start({ id, tone }: Toast): void {
    const turn = this.#turn
    if (tone !== "bad") setTimeout(() => turn === this.#turn && this.drop(id), SECONDS[tone] * 1000)
  }
}

function passes({ tone }: Toast): boolean {
  return tone !== "bad"
}
