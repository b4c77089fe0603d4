/** Keeps up to date what on the screen tells how far a project is: `data-pulse` says every how many seconds. */

const SECONDS = 4

export function startPulse(htmx: { trigger(element: Element, name: string): void }): void {
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
