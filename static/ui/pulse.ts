/** Keeps the part of the grid that is on the screen up to date: status, and who is there. */

const SECONDS = 4

export function startPulse(htmx: { trigger(element: Element, name: string): void }): void {
  setInterval(() => {
    if (document.hidden) return
    for (const part of document.querySelectorAll("[data-pulse]")) {
      const { top, bottom } = part.getBoundingClientRect()
      if (bottom > 0 && top < innerHeight) htmx.trigger(part, "pulse")
    }
  }, SECONDS * 1000)
}
