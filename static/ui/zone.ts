/** On one's profile: the time zone that this browser is in, to be chosen by one press. */

import { t } from "./strings"

export function startZone(): void {
  const list = document.querySelector<HTMLSelectElement>("select[data-zones]")
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone
  if (!list || list.value === own || ![...list.options].some((option) => option.value === own)) return
  const button = document.createElement("button")
  button.type = "button"
  button.className = "btn btn-sm own-zone"
  button.textContent = t("Take this browser’s: {zone}", { zone: own })
  button.addEventListener("click", () => {
    list.value = own
    list.focus()
    button.remove()
  })
  list.after(button)
}
