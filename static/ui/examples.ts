/** Pictures for guidelines: dropped on the text or pasted into it, or chosen; their Markdown comes where the cursor is. */

import { csrfToken, refusal } from "./api"
import { t } from "./strings"

export function startExamples(): void {
  document.addEventListener("dragover", (event) => textOf(event) && event.preventDefault())
  document.addEventListener("drop", (event) => take(event, event.dataTransfer))
  document.addEventListener("paste", (event) => take(event, event.clipboardData))
  document.addEventListener("change", (event) => {
    const input = event.target as HTMLInputElement
    const text = input.matches("[data-example-files]") && input.closest(".field")?.querySelector("textarea")
    if (!text) return
    void add(text, [...(input.files ?? [])])
    input.value = ""
  })
}

function textOf({ target }: Event): HTMLTextAreaElement | null {
  return (target as Element).closest<HTMLTextAreaElement>("textarea[data-examples]")
}

function take(event: Event, brought: DataTransfer | null): void {
  const text = textOf(event)
  const files = [...(brought?.files ?? [])]
  if (!text || !files.length) return
  event.preventDefault()
  void add(text, files)
}

/** One after the other, so that they stand in their order. */
async function add(text: HTMLTextAreaElement, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const waiting = t("![{name} is on its way …]", { name: file.name.replace(/[[\]]/g, "") })
    insert(text, waiting)
    try {
      exchange(text, waiting, await upload(text.dataset.examples ?? "", file))
      tell(text, "")
    } catch (error) {
      exchange(text, waiting, "")
      tell(text, `${file.name}: ${(error as Error).message}`)
    }
  }
}

async function upload(address: string, file: File): Promise<string> {
  const body = new FormData()
  body.append("file", file)
  const response = await fetch(address, { method: "POST", body, headers: { "X-CSRFToken": csrfToken() } }).catch(() => {
    throw new Error(t("The server cannot be reached. Try again in a moment."))
  })
  if (!response.ok) throw await refusal(response)
  return ((await response.json()) as { markdown: string }).markdown
}

function insert(text: HTMLTextAreaElement, words: string): void {
  const { selectionStart: at, value } = text
  const before = value.slice(0, at)
  const apart = !before || before.endsWith("\n\n") ? "" : before.endsWith("\n") ? "\n" : "\n\n" // a paragraph of its own
  text.setRangeText(`${apart}${words}\n`, at, text.selectionEnd, "end")
}

/** What one has typed meanwhile, before or after, stays. */
function exchange(text: HTMLTextAreaElement, words: string, by: string): void {
  const at = text.value.indexOf(words)
  if (at < 0) return insert(text, by)
  text.setRangeText(by, at, at + words.length, "preserve")
}

function tell(text: HTMLTextAreaElement, words: string): void {
  const field = text.closest(".field")
  field?.querySelector(".example-wrong")?.remove()
  if (!words) return
  const note = Object.assign(document.createElement("p"), { className: "wrong example-wrong", role: "alert" })
  note.textContent = words
  field?.append(note)
}
