/** Items, their annotations and images, fetched ahead: the shell asks for the next ones and takes what is there. */

import type { Reading } from "../live/contract"
import { get, refusal } from "../ui/api"
import type { OpenItem } from "./contract"
import type { Suggested } from "./suggestions.svelte"
import { Halvings } from "./image/halvings"

/** The item before, the one shown and the one after, and one that is leaving. */
const KEPT = 4
/** Larger images are fetched ahead but not decoded: a decoded pixel takes four bytes. */
const DECODED_AHEAD = 40_000_000

const items = new Map<number, Promise<OpenItem>>()
const blobs = new Map<string, Promise<Blob>>()
const readings = new Map<number, Reading>()
const suggested = new Map<number, Suggested>()
const photos = new Map<string, Promise<Halvings>>()
let shown: OpenItem | null = null

/** The item as first fetched: its media and text never change, its neighbours may (`refreshItem`). */
export function openItem(id: number): Promise<OpenItem> {
  return kept(items, id, () => get<OpenItem>(`/api/items/${id}/open/`))
}

/** An item that came with the page. */
export function keepItem(item: OpenItem): void {
  items.set(item.id, Promise.resolve(item))
}

export function refreshItem(id: number): Promise<OpenItem> {
  items.delete(id)
  return openItem(id)
}

/** What the item's sheet held a moment ago, once: by the next time it is old. */
export function takeReading({ sheet }: OpenItem): Reading | undefined {
  const reading = readings.get(sheet)
  readings.delete(sheet)
  return reading
}

/** What was suggested for the item a moment ago, once. */
export function takeSuggested({ sheet }: OpenItem): Suggested | undefined {
  const found = suggested.get(sheet)
  suggested.delete(sheet)
  return found
}

/** The upright image, decoded. It belongs to this module: whoever draws it does not close it. */
export function imageOf(item: OpenItem): Promise<Halvings> {
  const address = item.media ?? ""
  const decode = async () => new Halvings(await createImageBitmap(await blobOf(address)))
  return kept(photos, address, decode, (photo) => photo.close())
}

/**
 * Once an item is shown, fetch its neighbours and decode their images, until another is shown: late ones would push out
 * what one looks at. Failures wait until somebody asks for them.
 */
export async function prefetchBeside(item: OpenItem): Promise<void> {
  shown = item
  // What one looks at comes first: decoding takes all the machine has.
  if (item.media) await imageOf(item).then((photo) => photo.made, ignore)
  for (const neighbour of [item.next, item.previous]) if (neighbour) await prefetch(neighbour, item).catch(ignore)
}

async function prefetch(id: number, beside: OpenItem): Promise<void> {
  if (shown !== beside) return
  const item = await openItem(id)
  if (shown !== beside) return
  await read(item, beside).catch(ignore)
  if (shown !== beside || !item.media) return
  if ((item.width ?? 0) * (item.height ?? 0) > DECODED_AHEAD) await blobOf(item.media)
  else await imageOf(item)
}

async function read({ id, sheet }: OpenItem, beside: OpenItem): Promise<void> {
  const [reading, found] = await Promise.all([
    get<Reading>(`/api/sheets/${sheet}/annotations/`),
    get<Suggested>(`/api/items/${id}/suggestions/`),
  ])
  if (shown !== beside) return // one has gone on, perhaps to this very item
  readings.set(sheet, reading)
  suggested.set(sheet, found)
  for (const kept of [readings, suggested]) {
    const [oldest] = kept.keys()
    if (kept.size > KEPT) kept.delete(oldest!)
  }
}

const ignore = (): undefined => undefined

function blobOf(address: string): Promise<Blob> {
  return kept(blobs, address, async () => {
    const response = await fetch(address)
    if (!response.ok) throw await refusal(response)
    return response.blob()
  })
}

/** A promise from the cache, or a new one; the one used longest ago makes room, and a failed one is asked for again. */
function kept<K, V>(cache: Map<K, Promise<V>>, key: K, make: () => Promise<V>, drop?: (value: V) => void): Promise<V> {
  const promise = cache.get(key) ?? make()
  cache.delete(key)
  cache.set(key, promise)
  promise.catch(() => {
    if (cache.get(key) === promise) cache.delete(key)
  })
  for (const [oldest, leaving] of cache) {
    if (cache.size <= KEPT) break
    cache.delete(oldest)
    if (drop) leaving.then(drop, () => undefined)
  }
  return promise
}
