/** Files that are more than plain images and texts: sent to be looked at, then shown as a card that the server draws. */

import htmx from "htmx.org"
import { csrfToken, refusal } from "./api"
import type { Dropped } from "./dropped"

const FILES_A_REQUEST = 100
const BYTES_A_REQUEST = 50_000_000
/** Send the files, a few at a time. Resolves when all have arrived and the server looks at them. */
export async function sendImport(
  project: string,
  dropped: readonly Dropped[],
  tell: (sent: number) => void,
): Promise<void> {
  let address = `/api/projects/${project}/imports/`
  let id = 0
  for (let at = 0; at < dropped.length;) {
    const now = dropped.slice(at, at + fitting(dropped, at))
    at += now.length
    const answer = await send(address, now, at < dropped.length)
    id = answer.id
    address = `/api/imports/${id}/files/`
    tell(at)
  }
  await htmx.ajax("get", `/imports/${id}/`, { target: "#import", swap: "outerHTML" })
}

function fitting(dropped: readonly Dropped[], at: number): number {
  let bytes = 0
  const few = dropped.slice(at, at + FILES_A_REQUEST)
  const over = few.findIndex(({ file }, n) => (bytes += file.size) > BYTES_A_REQUEST && n > 0)
  return over < 0 ? few.length : over
}

async function send(address: string, dropped: readonly Dropped[], more: boolean): Promise<{ id: number }> {
  const body = new FormData()
  body.append("paths", JSON.stringify(dropped.map(({ path }) => path)))
  if (more) body.append("more", "1")
  for (const { file } of dropped) body.append("files", file)
  const response = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } })
  if (!response.ok) throw await refusal(response)
  return (await response.json()) as { id: number }
}
