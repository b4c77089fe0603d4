/** A form that brings someone in is sent once: a second click, while the answer is on its way, would bring in another. */

export function startSendingOnce(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement
    if (!form.matches("[data-once]")) return
    if (form.dataset.once) event.preventDefault()
    form.dataset.once = "sent"
  })
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("[data-once]")) form.dataset.once = ""
  })
}
