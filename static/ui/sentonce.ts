/** What brings something in is sent once: a second click, while the answer is on its way, would bring in another. */

/** The page is about to give way to the one that an answer leads to; who has stopped that may go on. */
let leaving = false
const PATIENCE = 10_000

export function startSendingOnce(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement
    if (!form.matches("[data-once]")) return
    if (form.dataset.once) event.preventDefault()
    form.dataset.once = "sent"
  })
  document.addEventListener("click", (event) => once(event, "button[hx-post]"), true)
  document.addEventListener("submit", (event) => once(event, "form[hx-post]"), true)
  document.addEventListener("htmx:beforeOnLoad", (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail
    if (!xhr.getResponseHeader("HX-Redirect")) return
    leaving = true
    setTimeout(() => (leaving = false), PATIENCE)
  })
  addEventListener("pageshow", () => {
    leaving = false
    for (const form of document.querySelectorAll<HTMLFormElement>("[data-once]")) form.dataset.once = ""
  })
}

function once(event: Event, what: string): void {
  const asking = (event.target as Element).closest(what)
  if (!asking || (!leaving && !asking.matches(".htmx-request"))) return
  event.preventDefault()
  event.stopImmediatePropagation()
}
