/** Keeps up to date what on the screen tells how far a project is: `data-pulse` says every how many seconds. */

const SECONDS = 4

interface Swap {
  target: Element
}

/** What someone has opened in such a part is open in what comes in its place. */
function keepOpen(): void {
  let opened: string[] = []
  document.addEventListener("htmx:beforeSwap", (event) => {
    const { target } = (event as CustomEvent<Swap>).detail
    opened = [...target.querySelectorAll("details[open][id]")].map(({ id }) => id)
  })
  document.addEventListener("htmx:afterSwap", () => {
    for (const id of opened.splice(0)) document.querySelector(`details#${CSS.escape(id)}`)?.setAttribute("open", "")
  })
}

export function startPulse(htmx: { trigger(element: Element, name: string): void }): void {
  keepOpen()
  let now = 0
  setInterval(() => {
    now += SECONDS
    if (document.hidden) return
    for (const part of document.querySelectorAll<HTMLElement>("[data-pulse]")) {
      const { top, bottom } = part.getBoundingClientRect()
      const due = now % (Number(part.dataset.pulse) || SECONDS) < SECONDS
      if (due && bottom > 0 && top < innerHeight) htmx.trigger(part, "pulse")
    }
  }, SECONDS * 1000)
}
