/** Dialogs that buttons open, and menus that close when one looks elsewhere. */

export function startDialogs(): void {
  document.querySelector<HTMLDialogElement>("dialog[data-open]")?.showModal()
  let pressed: EventTarget | null = null
  document.addEventListener("pointerdown", ({ target }) => (pressed = target))
  document.addEventListener("click", (event) => {
    const target = event.target as Element
    const opens = target.closest<HTMLElement>("[data-opens]")?.dataset.opens
    if (opens) document.querySelector<HTMLDialogElement>(`#${opens}`)?.showModal()
    // A drag that only ends on the backdrop is somebody selecting text.
    const beside = target instanceof HTMLDialogElement && target === pressed
    if (beside || target.closest("[data-closes]")) target.closest("dialog")?.close()
    for (const menu of document.querySelectorAll<HTMLDetailsElement>(".menu[open]")) {
      // By the path: what was clicked in it may have given way to something else by now.
      if (!event.composedPath().includes(menu)) menu.open = false
    }
  })
  document.addEventListener("htmx:beforeRequest", (event) => {
    const { elt, target } = (event as CustomEvent<{ elt: Element; target: Element }>).detail
    if (elt.matches("[data-opens]")) target.replaceChildren(waiting()) // nobody presses what was meant for another
  })
  document.addEventListener("htmx:afterRequest", ({ target }) => {
    const opens = (target as HTMLElement).dataset.opens
    const dialog = opens && document.querySelector<HTMLDialogElement>(`#${opens}`)
    if (dialog && dialog.querySelector("[data-waits]")) dialog.close() // nothing came; why is told beside
  })
  document.addEventListener("htmx:afterSwap", () => {
    const dialog = document.querySelector<HTMLDialogElement>("dialog[open]")
    if (!dialog || document.activeElement !== document.body) return
    dialog.tabIndex = -1 // what had the focus has given way: without it Escape would reach nobody
    dialog.focus()
  })
  document.addEventListener("keydown", (event) => {
    const menu = document.querySelector<HTMLDetailsElement>(".menu[open]")
    if (event.key !== "Escape" || !menu) return
    menu.open = false
    menu.querySelector("summary")?.focus()
  })
}

function waiting(): Element {
  const told = Object.assign(document.createElement("p"), { className: "format muted", textContent: "One moment …" })
  told.dataset.waits = ""
  return told
}
