/** A page of a project that one cannot open any more says why; what would work no more goes, and so asks for nothing. */

import { t } from "./strings"

export function projectGone(why: string): void {
  const told = Object.assign(document.createElement("section"), { className: "nothing-yet", role: "alert" })
  const head = Object.assign(document.createElement("h2"), { textContent: why })
  const home = Object.assign(document.createElement("a"), { className: "btn", href: "/" })
  home.textContent = t("My projects")
  told.append(head, home)
  for (const action of document.querySelectorAll(".topbar > :is(.btn, .bar-actions):not([data-theme-switch])"))
    action.remove()
  document.querySelector("#main")?.replaceChildren(told)
}
