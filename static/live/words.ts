/** What a person is told, in plain words. */

import { plural, t } from "../ui/strings"
import type { Id, Notice, SheetItem } from "./contract"
import type { Refused, Skipped } from "./messages.gen"
import { statusName } from "./statuses"

export const viewer = (): Notice => ({
  tone: "warn",
  code: "permission_denied",
  text: t("You can view this project but not change it. Ask a manager for the role of an annotator."),
})

export const offline = (): Notice => ({
  tone: "info",
  code: "offline",
  text: t("You are offline. What was sent already can be taken back when the connection is there again."),
})

export const tooLarge = (): Notice => ({
  tone: "bad",
  code: "too_large",
  text: t("This is too large to be saved: at most half a megabyte an annotation. Mark a shorter stretch."),
})

export const noStorage = (): Notice => ({
  tone: "warn",
  code: "no_storage",
  text: t("This browser keeps nothing for later (is it a private window?). Leave the page open until all is saved."),
})

export const storageFull = (): Notice => ({
  tone: "warn",
  code: "storage_full",
  text: t(
    "This browser has no room left to keep what you do. Free some space, and leave the page open until all is saved.",
  ),
})

export const outdated = (): Notice => ({
  tone: "warn",
  code: "reload",
  text: t("There is a newer version of this page. Reload it; what is not saved yet is kept."),
})

export const foreign = (): Notice => ({
  tone: "bad",
  code: "origin",
  text: t("The server does not accept live work from this address. Open the page under its usual address."),
})

export const someoneElse = (): Notice => ({
  tone: "bad",
  code: "someone_else",
  text: t(
    "Someone else is signed in now. Reload the page; what you have not saved waits here until you sign in again.",
  ),
})

export function refusal(refused: Refused, annotation?: Id): Notice {
  return { tone: "bad", code: refused.code, text: refused.detail, annotation }
}

export function deleted(someone: string, annotation: Id): Notice {
  const text = t("{someone} has deleted what you were changing. Your change of it was not kept.", { someone })
  return { tone: "warn", code: "deleted", text, annotation }
}

export function finished(someone: string, status: string): Notice {
  const text = t("{someone} has set it to {status}.", { someone, status: statusName(status) })
  return { tone: "info", code: "finished", text }
}

/** `gone`: how many of one's own annotations the restored moment does not have. */
export function restored(someone: string, gone: number): Notice {
  const one = "One of your annotations is gone; the history has what was done."
  const many = "{n} of your annotations are gone; the history has what was done."
  const what = t("{someone} restored an earlier moment.", { someone })
  const text = gone ? `${what} ${plural(gone, one, many)}` : what
  return { tone: gone ? "warn" : "info", code: "restored", text }
}

export function partlyTakenBack(someone: string, skipped: readonly Skipped[]): Notice {
  const text = t("{someone} has changed {what} since, so that was left as it is.", { someone, what: listed(skipped) })
  return { tone: "info", code: "skipped", text, annotation: skipped[0]?.annotation }
}

export function nothingTakenBack(type: "undo" | "redo", someone: string, skipped: readonly Skipped[]): Notice {
  if (skipped.length) return partlyTakenBack(someone, skipped)
  const text =
    type === "undo" ? t("There is nothing of yours left to undo.") : t("There is nothing of yours left to redo.")
  return { tone: "info", code: "nothing", text }
}

/** The server does not take what had waited for it. */
export function refusedLate(code: string, why: string): Notice {
  return { tone: "bad", code, text: t("{why} What you did is kept: take it as a file.", { why }) }
}

export function ended(code: string, why: string): Notice {
  return { tone: "bad", code, text: why }
}

export function conflictElsewhere(item: SheetItem): Notice {
  const text = t("Something you did offline on {name} was changed by someone else too. Open it to choose.", {
    name: item.name,
  })
  return { tone: "warn", code: "conflict", text, item }
}

/** A notice of a sheet that nobody looks at: its annotations cannot be shown. */
export function elsewhere({ tone, code, text }: Notice, item: SheetItem): Notice {
  return { tone, code, text: t("On {name}: {text}", { name: item.name, text }), item }
}

export const olderPage = () => t("This was made by an older version of the page.")

export function setAside(count: number): Notice {
  const one = "One change could not be saved. Download it as a file, so that nothing is lost."
  const many = "{n} changes could not be saved. Download them as a file, so that nothing is lost."
  const text = plural(count, one, many)
  return { tone: "warn", code: "aside", text }
}

export function signOut(waiting: number): string | null {
  if (!waiting) return null
  const one = "One change is not saved yet. After signing out it waits in this browser until you sign in again."
  const many = "{n} changes are not saved yet. After signing out they wait in this browser until you sign in again."
  return plural(waiting, one, many)
}

function listed(skipped: readonly Skipped[]): string {
  return [...new Set(skipped.map(({ property }) => nameOf(property)))].join(t(" and "))
}

function nameOf(property: string): string {
  switch (property) {
    case "shape":
      return t("the shape")
    case "label":
      return t("the label")
    case "deleted":
      return t("whether it is there")
    default:
      return t("an attribute")
  }
}
