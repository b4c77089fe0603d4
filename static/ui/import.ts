/** Files that are more than plain images and texts: sent to be looked at, then shown as a card that the server draws. */

import htmx from "htmx.org"
import { csrfToken, refusal } from "./api"

const FILES_A_REQUEST = 100
const BYTES_A_REQUEST = 50_000_000
const IMAGE = /\.(jpe?g|jfif|png|webp|gif|bmp|avif|tiff?)$/i
const TEXT = /\.(txt|text|md)$/i
const CLASSES = /(^|\/)(classes|_darknet\.labels|train|val|test)\.txt$/i

/** A file and where it was in the folder that was dropped. */
export interface Dropped {
  path: string
  file: File
}

/** Whether the files are more than images and texts: a folder, a zip, annotations, texts that go with images. */
export function isImport(dropped: readonly Dropped[]): boolean {
  const images = dropped.filter(({ path }) => IMAGE.test(path))
  const texts = dropped.filter(({ path }) => TEXT.test(path))
  if (images.length + texts.length < dropped.length) return dropped.some(({ path, file }) => !isPlain(path, file))
  if (dropped.some(({ path }) => path.includes("/"))) return true
  const stems = new Set(images.map(({ path }) => stem(path)))
  return texts.some(({ path }) => stems.has(stem(path)) || (images.length > 0 && CLASSES.test(path)))
}

function isPlain(path: string, file: File): boolean {
  return IMAGE.test(path) || TEXT.test(path) || file.type.startsWith("image/") || file.type === "text/plain"
}

function stem(path: string): string {
  return path.replace(/\.[^.]*$/, "")
}

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

/** The files of what was dropped, those in folders too. */
export async function filesOf(entries: readonly FileSystemEntry[]): Promise<Dropped[]> {
  const found: Dropped[] = []
  for (const entry of entries) {
    if (entry.isFile)
      found.push({ path: entry.fullPath.replace(/^\//, ""), file: await fileOf(entry as FileSystemFileEntry) })
    else found.push(...(await filesOf(await entriesOf(entry as FileSystemDirectoryEntry))))
  }
  return found
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** A reader hands out a hundred at a time. */
async function entriesOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader()
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (!some.length) return all
    all.push(...some)
  }
}
