/** A model that is added to a project: sent with progress, then shown as the server has read it. */

import htmx from "htmx.org"
import { sendFiles, Unanswered } from "./sending"
import { t } from "./strings"

export function startModels(): void {
  document.addEventListener("change", ({ target }) => {
    const form = (target as Element).closest<HTMLFormElement>("form[data-model]")
    const file = form?.querySelector<HTMLInputElement>("input[type=file]")?.files?.[0]
    if (form && file) void send(form, file)
  })
}

async function send(form: HTMLFormElement, file: File): Promise<void> {
  const input = form.querySelector<HTMLInputElement>("input")!
  const bar = form.querySelector("progress")!
  const state = form.querySelector<HTMLElement>("[data-model-state]")!
  const most = Number(input.dataset["most"])
  tell(form, "")
  if (file.size > most)
    return tell(form, t("The file is larger than the {most} MB that a model may have.", { most: most / 2 ** 20 }))
  const body = new FormData()
  body.append("file", file)
  bar.hidden = false
  input.disabled = true
  state.textContent = t("Sending …")
  try {
    const { status, answer } = await sendFiles<{ draft: string; detail: string }>(
      form.dataset["model"]!,
      body,
      (bytes) => {
        bar.value = bytes / file.size
        if (bytes >= file.size) state.textContent = t("Reading it …")
      },
    )
    if (!answer?.draft)
      return tell(form, answer?.detail ?? t("The server answered {status}. Try again in a moment.", { status }))
    await htmx.ajax("get", `${form.dataset["then"]}?draft=${answer.draft}`, { target: "#beside" })
  } catch (error) {
    if (!(error instanceof Unanswered)) throw error
    tell(form, t("The server cannot be reached. Try again in a moment."))
  } finally {
    bar.hidden = true
    input.disabled = false
    input.value = ""
    state.textContent = ""
  }
}

function tell(form: HTMLFormElement, why: string): void {
  const told = form.querySelector<HTMLElement>("[role=alert]")!
  told.hidden = !why
  told.textContent = why
}
