/**
 * Loaded before anything is shown, as no module is: what is clicked or sent while the page's scripts are on their way is
 * done once they are there. The last one counts, as it is what the person waits for.
 */
{
  const NEEDY = "button[type=button]:not([popovertarget]), [hx-get]:not(form), [hx-post]:not(form)"
  let waiting: (() => void) | null = null

  const clicked = (event: Event): void => {
    const button = (event.target as Element).closest<HTMLElement>(NEEDY)
    if (button) waiting = () => button.click()
  }
  const sent = (event: SubmitEvent): void => {
    const form = event.target as HTMLFormElement
    if (!form.matches("[hx-get], [hx-post]")) return
    event.preventDefault()
    waiting = () => form.requestSubmit(event.submitter)
  }
  document.addEventListener("click", clicked, true)
  document.addEventListener("submit", sent, true)
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
