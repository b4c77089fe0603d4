/** What was dropped or chosen: its files, and whether they are plain items or an import. */

const IMAGE = /\.(jpe?g|jfif|png|webp|gif|bmp|avif|tiff?)$/i
const TEXT = /\.(txt|text|md)$/i

/** Texts that speak of the images beside them: lists of classes (CLASSES in annotator/formats/foreign.py), of images, of boxes. */
const CLASSES =
  /(^|\/)_?(predefined_)?(class(es)?|labels?|names|categories|obj|synsets?)([_-]?(names?|list|map|colou?rs?|dict|words|alt))?\.txt$/i
const LISTS = /(^|\/)(_?annotations|_darknet\.labels|train|val|test|trainval|gt|det|(gt|res)_.*|.*_gt)\.txt$/i

/** Bytes of a file: a request of 2 GB with what is around it is all that the server takes (projects/bodies.py). */
const LARGEST = 2_000_000_000

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
  return texts.some(
    ({ path }) => stems.has(stem(path)) || (images.length > 0 && (CLASSES.test(path) || LISTS.test(path))),
  )
}

/** Whether it is sent at all: the server would hang up on it half-way. */
export function isTooLarge({ file }: Dropped): boolean {
  return file.size > LARGEST
}

function isPlain(path: string, file: File): boolean {
  return IMAGE.test(path) || TEXT.test(path) || file.type.startsWith("image/") || file.type === "text/plain"
}

function stem(path: string): string {
  return path.replace(/\.[^.]*$/, "")
}

/** The files of what was dropped, those in folders too; what comes from another page is a mere file. */
export async function filesOf(things: readonly (FileSystemEntry | File)[]): Promise<Dropped[]> {
  const found: Dropped[] = []
  for (const entry of things) {
    if (entry instanceof File) found.push({ path: entry.name, file: entry })
    else if (entry.isFile)
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
