/** What to go on with, once one is done with an item. */

import { get, send } from "../ui/api"
import type { OpenItem } from "./contract"

/** Milliseconds that one waits for the server; after that it is simply the next item. */
const PATIENCE = 2000

type Next = { item: number | null }

/** An item that waits and that nobody else is at. */
export function toLabel(left: OpenItem): Promise<number | null> {
  return soon(send<Next>("POST", `/api/items/${left.id}/to-label/`), left)
}

/** An item whose work waits for a reviewer. */
export function toReview(left: OpenItem): Promise<number | null> {
  return soon(get<Next>(`/api/items/${left.id}/to-review/`), left)
}

/** Whether one could go on: something waits, of which nothing is handed out. Nobody waits for the answer. */
export async function waits(left: OpenItem, judged: boolean): Promise<boolean> {
  const asked = get<Next>(`/api/items/${left.id}/to-${judged ? "review" : "label"}/`)
  return asked.then(({ item }) => item !== null).catch(() => false)
}

function soon(asked: Promise<Next>, left: OpenItem): Promise<number | null> {
  const late = new Promise<number | null>((tell) => setTimeout(() => tell(left.next), PATIENCE))
  return Promise.race([asked.then(({ item }) => item).catch(() => left.next), late])
}
