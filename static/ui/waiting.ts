/** On pages that send nothing: says what waits in this browser to be sent, and asks before one signs out. */

import type { SheetItem } from "../live/contract"
import { operationsIn } from "../live/outbox"
import { type Row, waitingFor } from "../live/queue"
import { signOut } from "../live/words"
import { ask } from "./ask"
import { plural, t } from "./strings"

const SECONDS = 5

export function startWaiting(): void {
  const form = document.querySelector<HTMLFormElement>("[data-sign-out]")
  if (!form) return
  const user = Number(form.dataset.signOut)
  const rows = () => waitingFor(user).catch(() => [])
  const place = document.createElement("div")
  place.className = "notes"
  place.role = "status"
  document.querySelector(".topbar")?.after(place)

  async function look(): Promise<void> {
    place.replaceChildren(...noteOf(await rows()))
  }

  addEventListener("pageshow", () => void look())
  document.addEventListener("visibilitychange", () => void look())
  setInterval(() => place.hasChildNodes() && void look(), SECONDS * 1000)
  form.addEventListener("submit", (event) => {
    event.preventDefault()
    void rows().then(async (found) => {
      const warning = signOut(count(found))
      if (!warning || (await ask(warning, t("Sign out")))) form.submit()
    })
  })
}

function noteOf(rows: readonly Row[]): HTMLElement[] {
  if (!rows.length) return []
  const note = Object.assign(document.createElement("p"), { className: "note" })
  const one = "{n} change is not saved yet: it waits in this browser until the editor is opened."
  const many = "{n} changes are not saved yet: they wait in this browser until the editor is opened."
  note.append(plural(count(rows), one, many), " ")
  const item = rows.find((row) => row.item)?.item
  if (item) note.append(linkTo(item))
  return [note]
}

function count(rows: readonly Row[]): number {
  return rows.reduce((sum, { message }) => sum + operationsIn(message), 0)
}

function linkTo({ id, project, name }: SheetItem): HTMLAnchorElement {
  const href = `/projects/${project}/items/${id}/`
  return Object.assign(document.createElement("a"), { href, textContent: t("Open {name}", { name }) })
}
