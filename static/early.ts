/**
 * Loaded before anything is shown, as no module is: what is clicked or sent while the page's scripts are on their way is
 * done once they are there. The last one counts, as it is what the person waits for. Islands listen as soon as they are
 * there, so theirs is not pressed again.
 */
{
  const NEEDY = "button[type=button]:not([popovertarget]), [hx-get]:not(form), [hx-post]:not(form)"
  const ISLANDS = "annotation-editor, item-grid, notice-bell"
  let waiting: (() => void) | null = null

  const clicked = (event: Event): void => {
    const button = (event.target as Element).closest<HTMLElement>(NEEDY)
    if (button && !button.closest(ISLANDS)) waiting = () => button.click()
  }
  const sent = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement
    if (!form.matches("[hx-get], [hx-post]")) return
    event.preventDefault()
    waiting = () => form.requestSubmit(event.submitter)
  }
  /** What needs them does nothing, and the person is told. What was typed stays. */
  const failed = (event: Event): void => {
    if (!(event.target instanceof HTMLScriptElement)) return
    document.removeEventListener("error", failed, true)
    const note = document.createElement("p")
    note.setAttribute("role", "alert")
    note.className = "note error"
    note.textContent = "A part of this page did not arrive, so its buttons may do nothing. Load the page again."
    const show = () => document.body.prepend(note)
    if (document.body) show()
    else document.addEventListener("DOMContentLoaded", show)
  }
  document.addEventListener("click", clicked, true)
  document.addEventListener("submit", sent, true)
  document.addEventListener("error", failed, true)
  document.addEventListener(
    "page:ready",
    () => {
      document.removeEventListener("click", clicked, true)
      document.removeEventListener("submit", sent, true)
      waiting?.()
    },
    { once: true },
  )
}
