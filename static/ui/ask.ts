/** Asks before something that is not easily taken back. */

import { t } from "./strings"

/** Opens a dialog with the question; true when the person goes on. */
export function ask(question: string, goOn = t("Go on")): Promise<boolean> {
  const dialog = Object.assign(document.createElement("dialog"), { className: "ask" })
  const text = Object.assign(document.createElement("p"), { id: "asked", textContent: question })
  dialog.setAttribute("aria-labelledby", text.id)
  const form = Object.assign(document.createElement("form"), { method: "dialog" })
  form.append(text, button(t("Cancel"), ""), button(goOn, "yes"))
  dialog.append(form)
  document.body.append(dialog)
  dialog.showModal()
  return new Promise((answered) =>
    dialog.addEventListener("close", () => {
      dialog.remove()
      answered(dialog.returnValue === "yes")
    }),
  )
}

function button(text: string, value: string): HTMLButtonElement {
  return Object.assign(document.createElement("button"), {
    className: value ? "btn btn-primary" : "btn",
    textContent: text,
    value,
  })
}

/** `hx-confirm` asks in a dialog of ours; its button says what the one that was pressed says. */
export function startAsking(): void {
  document.addEventListener("htmx:confirm", (event) => {
    const { detail } = event as CustomEvent<{ question?: string; elt: Element; issueRequest(confirmed: true): void }>
    if (!detail.question) return
    event.preventDefault()
    const name = detail.elt.getAttribute("aria-label") ?? detail.elt.textContent?.trim()
    void ask(detail.question, name).then((goOn) => goOn && detail.issueRequest(true))
  })
}
