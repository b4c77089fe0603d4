/** Uploads by button and by drop: a few files a request, with progress, and a report of what was refused.

What is more than images and texts is imported instead (import.ts). */

import { Refused } from "./api"
import { filesOf, isImport, isTooLarge, type Dropped } from "./dropped"
import { startDropping } from "./drops"
import { sendImport, startClosing } from "./import"
import { say } from "./notes"
import { sendFiles, Unanswered } from "./sending"
import { plural, t } from "./strings"

const FILES_A_REQUEST = 10
const BYTES_A_REQUEST = 50_000_000
const READ = 6_000 // milliseconds in which one has read how many were added

interface Report {
  created: { name: string; note: string }[]
  refused: { name: string; code: string; detail: string }[]
}

export function startUpload(): void {
  const here = document.querySelector<HTMLElement>("[data-drop]")
  const card = document.querySelector<HTMLElement>("#upload")
  if (!here || !card)
    return void startDropping(() => say(t("Nothing is uploaded here. Drop files on a project of yours.")))
  startClosing()
  const upload = new Upload(here.dataset.drop ?? "", here.dataset.project ?? "", card)
  chosen("#files", "[data-upload]", upload)
  chosen("#folder", "[data-upload-folder]", upload)
  startDropping(
    (items) => {
      const things = [...items].flatMap((item) => item.webkitGetAsEntry() ?? item.getAsFile() ?? [])
      void upload.read(() => filesOf(things))
    },
    (inside) => here.classList.toggle("is-dropping", inside),
  )
}

/** What is chosen by one of the buttons; of a folder with the paths in it. */
function chosen(field: string, buttons: string, upload: Upload): void {
  const input = document.querySelector<HTMLInputElement>(field)
  if (!input) return
  for (const button of document.querySelectorAll(buttons))
    button.addEventListener("click", () => {
      button.closest<HTMLElement>(":popover-open")?.hidePopover()
      input.click()
    })
  input.addEventListener("change", () => {
    void upload.take([...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file })))
    input.value = ""
  })
}

class Upload {
  #waiting: File[] = []
  #imports: (readonly Dropped[])[] = []
  /** What is not sent at all. */
  #tooLarge: Dropped[] = []
  #running = false
  #total = 0
  #sent = 0
  /** How many bytes there are, and how many have arrived. */
  #bytes = 0
  #arrived = 0
  #created = 0
  #refused = 0
  /** Names of files that the project has already. */
  #there: string[] = []
  #hiding: ReturnType<typeof setTimeout> | undefined
  /** An import did not arrive whole. */
  #failed = false

  constructor(
    readonly address: string,
    readonly project: string,
    readonly card: HTMLElement,
  ) {
    this.#part("[data-upload-close]").addEventListener("click", () => {
      card.hidden = true
    })
    addEventListener("beforeunload", (event) => {
      if (this.#running) event.preventDefault()
    })
  }

  /** What was dropped, once its folders have been read. */
  async read(files: () => Promise<Dropped[]>): Promise<void> {
    const dropped = await files().catch(() => null)
    if (dropped) return this.take(dropped)
    this.card.hidden = false
    this.#part("[data-upload-title]").textContent = t("The folder could not be read. Try again, or drop it as a zip.")
  }

  /** It waits until what was dropped before is there. */
  async take(dropped: readonly Dropped[]): Promise<void> {
    const sent = dropped.filter((one) => !isTooLarge(one))
    this.#tooLarge.push(...dropped.filter(isTooLarge))
    if (isImport(sent)) this.#imports.push(sent)
    else this.#waiting.push(...sent.map(({ file }) => file))
    if (!this.#running && this.#hasWork()) await this.#work()
  }

  #hasWork(): boolean {
    return this.#waiting.length + this.#imports.length + this.#tooLarge.length > 0
  }

  async #work(): Promise<void> {
    clearTimeout(this.#hiding)
    this.#running = true
    this.#failed = false
    this.#created = this.#refused = 0
    for (const row of this.card.querySelectorAll("li")) row.remove()
    this.card.hidden = false
    try {
      while (this.#hasWork()) {
        for (const { path } of this.#tooLarge.splice(0))
          this.#refuse(path, t("It has more than 2 GB, which is more than can be sent. Split it, or zip it."))
        if (this.#waiting.length) await this.#upload()
        for (const dropped of this.#imports.splice(0, 1)) await this.#import(dropped)
      }
    } finally {
      this.#running = false
      this.#tell()
      this.#tellThere()
    }
    // Where the grid shows what was added, the card has said it in a while; elsewhere it stays.
    if (document.querySelector("item-grid") && !this.card.querySelector("li"))
      this.#hiding = setTimeout(() => (this.card.hidden = true), READ)
  }

  async #import(dropped: readonly Dropped[]): Promise<void> {
    this.#total = dropped.length
    this.#bytes = size(dropped.map(({ file }) => file))
    this.#sent = this.#arrived = 0
    this.#tell()
    try {
      await sendImport(this.project, dropped, (sent, underWay) => {
        this.#arrived += size(dropped.slice(this.#sent, sent).map(({ file }) => file))
        this.#sent = sent
        this.#tell(underWay)
      })
    } catch (error) {
      this.#failed = true
      this.#report(
        "",
        error instanceof Refused ? error.message : t("The server cannot be reached. Try again in a moment."),
      ).classList.add("is-bad")
    }
  }

  async #upload(): Promise<void> {
    this.#sent = this.#arrived = 0
    while (this.#waiting.length) {
      this.#total = this.#sent + this.#waiting.length
      this.#bytes = this.#arrived + size(this.#waiting)
      await this.#send(this.#next())
    }
    document.dispatchEvent(new Event("items-added")) // the grid shows them, the panel counts them
  }

  #next(): File[] {
    let bytes = 0
    const fits = this.#waiting.findIndex((file, i) => (bytes += file.size) > BYTES_A_REQUEST && i > 0)
    return this.#waiting.splice(0, Math.min(fits < 0 ? FILES_A_REQUEST : fits, FILES_A_REQUEST))
  }

  async #send(files: File[]): Promise<void> {
    this.#tell()
    const body = new FormData()
    for (const file of files) body.append("files", file)
    const report = await post(this.address, body, (bytes) => this.#tell(bytes)).catch((error: Error) => {
      if (error instanceof Unanswered && files.length > 1) return null
      const lost = t("It could not be read, or the server not be reached. Try again.")
      const detail = error instanceof Unanswered ? lost : error.message
      return { created: [], refused: files.map(({ name }) => ({ name, code: "", detail })) }
    })
    if (!report) return this.#sendOneByOne(files)
    this.#sent += files.length
    this.#arrived += size(files)
    this.#created += report.created.length
    for (const { name, code, detail } of report.refused)
      if (code === "there") this.#there.push(name)
      else this.#refuse(name, detail)
    for (const { name, note } of report.created) if (note) this.#report(name, note)
  }

  /** One that cannot be read stops all that are sent with it. */
  async #sendOneByOne(files: File[]): Promise<void> {
    for (const file of files) await this.#send([file])
  }

  /** `underWay`: bytes that have gone besides those that have arrived. */
  #tell(underWay = 0): void {
    const lost = this.#failed ? t("The files did not all arrive.") + " " : ""
    const refused = this.#refused ? " " + plural(this.#refused, "{n} was refused.", "{n} were refused.") : ""
    this.#part("[data-upload-title]").textContent = this.#running
      ? t("Uploading: {sent} of {total} …", { sent: this.#sent, total: this.#total })
      : lost +
        (this.#failed && !this.#created ? "" : plural(this.#created, "{n} file was added.", "{n} files were added.")) +
        refused
    const bar = this.#part("[data-upload-bar]") as HTMLProgressElement
    bar.hidden = !this.#running
    bar.value = this.#bytes ? (this.#arrived + underWay) / this.#bytes : 0
  }

  /** Once, however many there are. */
  #tellThere(): void {
    const [first, ...others] = this.#there.splice(0)
    if (first === undefined) return
    const more = others.length
    const many = plural(
      more,
      "It and {n} more are in the project already.",
      "It and {n} more are in the project already.",
    )
    this.#report(first, more ? many : t("It is in the project already."))
  }

  #refuse(name: string, why: string): void {
    this.#refused += 1
    this.#report(name, why).classList.add("is-bad")
  }

  #report(name: string, text: string): HTMLElement {
    const row = document.createElement("li")
    const file = document.createElement("b")
    file.textContent = name
    file.dir = "auto"
    row.append(file, document.createElement("br"), text)
    this.#part("[data-upload-report]").append(row)
    return row
  }

  #part(selector: string): HTMLElement {
    return this.card.querySelector<HTMLElement>(selector) as HTMLElement
  }
}

async function post(address: string, body: FormData, progress: (bytes: number) => void): Promise<Report> {
  const { status, answer } = await sendFiles<Report & { detail: string }>(address, body, progress)
  if (answer?.created && answer.refused) return { created: answer.created, refused: answer.refused }
  throw new Error(answer?.detail ?? t("The server answered {status}. Try again.", { status }))
}

function size(files: readonly File[]): number {
  return files.reduce((sum, file) => sum + file.size, 0)
}
