/** Keeps up to date what on the screen tells how far a project is. */

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
