/** The filters as the page's address holds them: a filtered grid can be linked, and Back leads to the one before. */

import { fromAddress, toAddress, type Filters } from "./filters"

export class Address {
  filters = $state.raw<Filters>(fromAddress(location.search))
  /** How far the page was scrolled when one left it. */
  left = scrolledTo(history.state)
  #typing = false
  /** How far it is scrolled. To ask the page when one leaves would have it laid out anew, and who comes next waits. */
  #scrolled = 0

  /** Returns what lets go. */
  start(): () => void {
    const back = ({ state }: PopStateEvent): void => {
      this.left = scrolledTo(state)
      this.#typing = false
      this.filters = fromAddress(location.search)
    }
    const leave = (): void => this.#keep()
    const scrolled = (): void => void (this.#scrolled = scrollY)
    history.scrollRestoration = "manual" // there is nothing yet to scroll over when the browser would
    addEventListener("popstate", back)
    addEventListener("pagehide", leave)
    addEventListener("scroll", scrolled, { passive: true })
    return () => {
      removeEventListener("popstate", back)
      removeEventListener("pagehide", leave)
      removeEventListener("scroll", scrolled)
    }
  }

  /** `typing`: what is typed in one go is one step back. */
  change(changed: Partial<Filters>, typing = false): void {
    const filters = { ...this.filters, ...changed }
    const address = location.pathname + toAddress(filters)
    if (typing && this.#typing) history.replaceState(null, "", address)
    else {
      this.#keep()
      history.pushState(null, "", address)
    }
    this.#typing = typing
    this.left = 0
    this.filters = filters
  }

  #keep(): void {
    history.replaceState({ scroll: this.#scrolled }, "")
  }
}

function scrolledTo(state: unknown): number {
  const scroll = (state as { scroll?: unknown } | null)?.scroll
  return typeof scroll === "number" ? scroll : 0
}
