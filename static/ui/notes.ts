/** Short sentences at the foot of a server-rendered page. */

export function say(text: string): void {
  const toast = note(text)
  setTimeout(() => toast.remove(), 8000)
}

/** One that stays. */
export function note(...words: (string | Node)[]): HTMLElement {
  const toast = document.createElement("p")
  toast.className = "note error"
  toast.append(...words)
  document.querySelector("#toasts")?.append(toast)
  return toast
}
