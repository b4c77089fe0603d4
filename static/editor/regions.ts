/** The parts of the page that F6 goes round, so that Tab can walk the annotations on the stage. */

const FOCUSABLE = "button:not(:disabled), a[href], input, select, textarea, [tabindex='0']"

export function focusNextRegion(): void {
  const regions = [...document.querySelectorAll<HTMLElement>("[data-region]")].filter((region) =>
    region.checkVisibility(),
  )
  const current = regions.findIndex((region) => region.contains(document.activeElement))
  for (let step = 1; step <= regions.length; step += 1) {
    const region = regions[(current + step) % regions.length]
    const target = region?.matches(FOCUSABLE) ? region : region?.querySelector<HTMLElement>(FOCUSABLE)
    if (target) return target.focus()
  }
}

export function focusStage(): void {
  document.querySelector<HTMLElement>("[data-region=stage]")?.focus({ preventScroll: true })
}

/** Is the focus on the stage, or nowhere? */
export function onStage(target: EventTarget | null): boolean {
  return target === document.body || (target instanceof Element && target.closest("[data-region=stage]") !== null)
}
