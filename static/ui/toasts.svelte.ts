/** Short notices at the edge of the page. */

export interface Toast {
  id: number
  tone: "info" | "warn" | "bad"
  text: string
  action?: { title: string; run: () => void }
}

const SECONDS = { info: 5, warn: 8, bad: 12 }

export class Toasts {
  shown = $state<Toast[]>([])
  #last = 0

  /** The same words again only stay longer. */
  show(tone: Toast["tone"], text: string, action?: Toast["action"]): void {
    const id = ++this.#last
    this.shown = [...this.shown.filter((toast) => toast.text !== text), { id, tone, text, action }].slice(-4)
    setTimeout(() => this.drop(id), SECONDS[tone] * 1000)
  }

  drop(id: number): void {
    this.shown = this.shown.filter((toast) => toast.id !== id)
  }
}
