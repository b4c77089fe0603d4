/** What a person is told, in plain words. */

import type { Id, Notice, SheetItem } from "./contract"
import type { Refused, Skipped } from "./messages.gen"

export const viewer: Notice = {
  tone: "warn",
  code: "permission_denied",
  text: "You can view this project but not change it. Ask a manager for the role of an annotator.",
}

export const offline: Notice = {
  tone: "info",
  code: "offline",
  text: "You are offline. What was sent already can be taken back when the connection is there again.",
}

export const tooLarge: Notice = {
  tone: "bad",
  code: "too_large",
  text: "This is too large to be saved: at most half a megabyte an annotation. Mark a shorter stretch.",
}

export const noStorage: Notice = {
  tone: "warn",
  code: "no_storage",
  text: "This browser keeps nothing for later (is it a private window?). Leave the page open until all is saved.",
}

export const storageFull: Notice = {
  tone: "warn",
  code: "storage_full",
  text: "This browser has no room left to keep what you do. Free some space, and leave the page open until all is saved.",
}

export const outdated: Notice = {
  tone: "warn",
  code: "reload",
  text: "There is a newer version of this page. Reload it; what is not saved yet is kept.",
}

export const foreign: Notice = {
  tone: "bad",
  code: "origin",
  text: "The server does not accept live work from this address. Open the page under its usual address.",
}

export const someoneElse: Notice = {
  tone: "bad",
  code: "someone_else",
  text: "Someone else is signed in now. Reload the page; what you have not saved waits here until you sign in again.",
}

export function refusal(refused: Refused, annotation?: Id): Notice {
  return { tone: "bad", code: refused.code, text: refused.detail, annotation }
}

export function deleted(someone: string, annotation: Id): Notice {
  const text = `${someone} has deleted what you were changing. Your change of it was not kept.`
  return { tone: "warn", code: "deleted", text, annotation }
}

/** `gone`: how many of one's own annotations the restored moment does not have. */
export function restored(someone: string, gone: number): Notice {
  const what = gone === 1 ? "One of your annotations is" : `${gone} of your annotations are`
  const text = `${someone} restored an earlier moment.${gone ? ` ${what} gone; the history has what was done.` : ""}`
  return { tone: gone ? "warn" : "info", code: "restored", text }
}

export function partlyTakenBack(someone: string, skipped: readonly Skipped[]): Notice {
  const text = `${someone} has changed ${listed(skipped)} since, so that was left as it is.`
  return { tone: "info", code: "skipped", text, annotation: skipped[0]?.annotation }
}

export function nothingTakenBack(type: "undo" | "redo", someone: string, skipped: readonly Skipped[]): Notice {
  if (skipped.length) return partlyTakenBack(someone, skipped)
  const text = type === "undo" ? "There is nothing of yours left to undo." : "There is nothing of yours left to redo."
  return { tone: "info", code: "nothing", text }
}

/** The server does not take what had waited for it. */
export function refusedLate(code: string, why: string): Notice {
  return { tone: "bad", code, text: `${why} What you did is kept: take it as a file.` }
}

export function ended(why: string): Notice {
  return { tone: "bad", code: "not_found", text: why }
}

export function conflictElsewhere(item: SheetItem): Notice {
  const text = `Something you did offline on ${item.name} was changed by someone else too. Open it to choose.`
  return { tone: "warn", code: "conflict", text, item }
}

/** A notice of a sheet that nobody looks at: its annotations cannot be shown. */
export function elsewhere({ tone, code, text }: Notice, item: SheetItem): Notice {
  return { tone, code, text: `On ${item.name}: ${text}`, item }
}

export const olderPage = "This was made by an older version of the page."

export function setAside(count: number): Notice {
  const what = count === 1 ? "One change" : `${count} changes`
  const text = `${what} could not be saved. Download them as a file, so that nothing is lost.`
  return { tone: "warn", code: "aside", text }
}

export function signOut(waiting: number): string | null {
  if (!waiting) return null
  const what = waiting === 1 ? "One change is" : `${waiting} changes are`
  return `${what} not saved yet. After signing out they wait in this browser until you sign in again.`
}

function listed(skipped: readonly Skipped[]): string {
  const names = new Set(skipped.map(({ property }) => NAMES[property] ?? "an attribute"))
  return [...names].join(" and ")
}

const NAMES: Record<string, string> = { shape: "the shape", label: "the label", deleted: "whether it is there" }
