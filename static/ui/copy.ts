/** Buttons that copy: `data-copy` holds the text. */

import { t } from "./strings"

const SHOWN = 2_000

export function startCopying(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-copy]")
    if (button) void copy(button.dataset.copy ?? "").then((done) => tell(button, done))
  })
}

/** The clipboard is there only over TLS or on this machine; elsewhere the older command copies a selection. */
async function copy(text: string): Promise<boolean> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text).then(yes, () => false)
  const field = Object.assign(document.createElement("textarea"), { value: text })
  const holder = document.querySelector("dialog[open]") ?? document.body
  holder.append(field)
  field.select()
  const done = document.execCommand("copy")
  field.remove()
  return done
}

const yes = () => true

function tell(button: HTMLElement, done: boolean): void {
  const before = (button.dataset.says ??= button.textContent ?? "")
  button.textContent = done ? t("Copied") : t("Not copied")
  setTimeout(() => (button.textContent = before), SHOWN)
}
