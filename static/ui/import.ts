/** Files that are more than plain images and texts: sent to be looked at, then shown as a card that the server draws. */

import htmx from "htmx.org"
import { Refused } from "./api"
import type { Dropped } from "./dropped"
import { sendFiles } from "./sending"
import { t } from "./strings"

const FILES_A_REQUEST = 100
const BYTES_A_REQUEST = 50_000_000

/** Send the files, a few at a time. Resolves when all have arrived and the server looks at them.

`tell` hears how many have arrived, and how many bytes are under way besides. */
export async function sendImport(
  project: string,
  dropped: readonly Dropped[],
  tell: (sent: number, bytes: number) => void,
): Promise<void> {
  let address = `/api/projects/${project}/imports/`
  let id = 0
  for (let at = 0; at < dropped.length;) {
    const now = dropped.slice(at, at + fitting(dropped, at))
    at += now.length
    const answer = await send(address, now, at < dropped.length, (bytes) => tell(at - now.length, bytes))
    id = answer.id
    address = `/api/imports/${id}/files/`
    tell(at, 0)
  }
  show(id)
}

/** In place of the card that stands there, which may be waiting for an answer of its own. */
function show(id: number): void {
  const card = Object.assign(document.createElement("div"), { id: "import", hidden: true })
  card.setAttribute("hx-get", `/imports/${id}/`)
  card.setAttribute("hx-trigger", "load, every 700ms")
  card.setAttribute("hx-swap", "outerHTML")
  card.dataset.asksAgain = ""
  document.querySelector("#import")?.replaceWith(card)
  htmx.process(card)
}

/** A card that has told what became of an import goes; the page stays as it is. */
export function startClosing(): void {
  document.addEventListener("click", ({ target }) => {
    const card = (target as Element).closest("[data-import-close]")?.closest("#import")
    card?.replaceWith(Object.assign(document.createElement("div"), { id: "import", hidden: true }))
  })
}

function fitting(dropped: readonly Dropped[], at: number): number {
  let bytes = 0
  const few = dropped.slice(at, at + FILES_A_REQUEST)
  const over = few.findIndex(({ file }, n) => (bytes += file.size) > BYTES_A_REQUEST && n > 0)
  return over < 0 ? few.length : over
}

async function send(
  address: string,
  dropped: readonly Dropped[],
  more: boolean,
  progress: (bytes: number) => void,
): Promise<{ id: number }> {
  const body = new FormData()
  body.append("paths", JSON.stringify(dropped.map(({ path }) => path)))
  if (more) body.append("more", "1")
  for (const { file } of dropped) body.append("files", file)
  const { status, answer } = await sendFiles<{ id: number; code: string; detail: string }>(address, body, progress)
  if (answer?.id) return { id: answer.id }
  const detail = answer?.detail ?? t("The server answered {status}. Try again in a moment.", { status })
  throw new Refused(status, answer?.code ?? "error", detail)
}
