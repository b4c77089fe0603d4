/** The log of a sheet as sentences. */

import type { Id } from "../live/contract"
import type { StatusName } from "../live/statuses"
import { get } from "../ui/api"
import { plural, t } from "../ui/strings"
import type { Label, PersonInfo } from "./contract"

interface LogPart {
  kind: "create" | "update" | "delete" | "restore" | "reject"
  annotation: Id
  label: number
  shape: "rectangle" | "polygon" | "span" | "tag"
  properties: string[]
  quote: string | null
  reshaped: boolean
  /** It was made of what a model suggested. */
  accepted: boolean
  /** Of what was first done: an undo may take back what a restore did. */
  source: LogEntry["source"]
}

/** What one person did in one go, or the status they set; `parts` are the first few of `count` operations. */
export interface LogEntry {
  action: Id
  actor: PersonInfo
  at: string
  source: "person" | "undo" | "redo" | "restore" | "api" | "import" | "move" | "label"
  clock: number
  count: number
  parts: LogPart[]
  status: StatusName | null
  reason: string | null
}

export interface Log {
  entries: LogEntry[]
  more: boolean
}

export function fetchLog(sheet: number, before?: number): Promise<Log> {
  return get<Log>(`/api/sheets/${sheet}/log/${before === undefined ? "" : `?before=${before}`}`)
}

/** What is told apart: one person's part of an action. */
export function keyOf({ action, actor }: LogEntry): string {
  return action + actor.id
}

/** Each entry once, as it was last, newest first: in whatever order the answers came. */
export function merged(...answers: LogEntry[][]): LogEntry[] {
  const last = new Map<string, LogEntry>()
  for (const entry of answers.flat()) {
    if ((last.get(keyOf(entry))?.clock ?? 0) <= entry.clock) last.set(keyOf(entry), entry)
  }
  return [...last.values()].sort((a, b) => b.clock - a.clock)
}

/** A piece of a sentence; what the sentence is about is strong. */
export interface Words {
  text: string
  strong: boolean
}

type Labels = ReadonlyMap<number, Label>

export function sentence(entry: LogEntry, labels: Labels): Words[] {
  if (entry.status) return words(saidOf(entry.status, entry.reason ?? ""))
  const first = entry.parts[0]
  const before = PREFIXES[entry.source]?.() ?? ""
  const source = first?.source ?? entry.source
  if (source === "restore")
    return words(
      before +
        plural(entry.count, "restored an earlier moment · {n} change", "restored an earlier moment · {n} changes"),
    )
  if (source === "import")
    return words(before + plural(entry.count, "imported {n} annotation", "imported {n} annotations"))
  if (source === "move")
    return words(
      before + plural(entry.count, "moved it here with {n} annotation", "moved it here with {n} annotations"),
    )
  if (!first) return words(before + plural(entry.count, "{n} change", "{n} changes"))
  const done = alike(entry) && entry.count > 1 ? many(entry.count, first, labels) : one(first, labels)
  const rest = entry.count - 1
  const more = !alike(entry) && rest > 0 ? plural(rest, " and {n} more change", " and {n} more changes") : ""
  return words(before + done + more)
}

const PREFIXES: { [source: string]: () => string } = {
  undo: () => t("took back: "),
  redo: () => t("did again: "),
  api: () => t("by a program: "),
  label: () => t("as the label changed: "),
}

function saidOf(status: NonNullable<LogEntry["status"]>, reason: string): string {
  switch (status) {
    case "done":
      return t("set it done")
    case "skipped":
      return t("skipped it: {reason}", { reason })
    case "returned":
      return t("sent it back: {reason}", { reason })
    case "accepted":
      return t("accepted it")
    case "todo":
      return t("set it to do again")
    case "in_progress":
      return t("reopened it")
  }
}

/** Do all parts that are told do the same thing to the same label? */
function alike({ parts }: LogEntry): boolean {
  const what = (part: LogPart) => [part.kind, part.accepted, part.label, part.shape, ...part.properties].join()
  return parts.every((part) => what(part) === what(parts[0]!))
}

/** The strong words stand between asterisks, so that a translation can put them where its grammar wants them. */
function one(part: LogPart, labels: Labels): string {
  const label = quoted(nameOf(part.label, labels))
  const what = part.quote ? quoted(`“${part.quote}”`) : label
  if (part.kind === "reject") return t("rejected the suggestion {what}", { what })
  if (part.kind === "create" && part.accepted) return t("accepted the suggestion {what}", { what })
  if (part.shape === "tag")
    return part.kind === "delete" ? t("took off the tag {label}", { label }) : t("tagged {label}", { label })
  switch (part.kind) {
    case "create":
      return part.quote
        ? t("labelled {what} {label}", { what, label: nameOf(part.label, labels) })
        : t("drew {label}", { label })
    case "delete":
      return t("deleted {what}", { what })
    case "restore":
      return t("brought back {what}", { what })
    case "update":
      return changed(part, what, label, labels)
  }
}

function changed(part: LogPart, what: string, label: string, labels: Labels): string {
  const [property = ""] = part.properties
  if (part.properties.length > 1) return t("changed {what}", { what })
  if (property === "label")
    return part.quote ? t("relabelled {what} {label}", { what, label }) : t("relabelled to {label}", { label })
  if (part.reshaped) return t("reshaped {what}", { what })
  if (property === "shape") return part.quote ? t("moved the ends of {what}", { what }) : t("moved {what}", { what })
  const id = property.replace("attributes.", "")
  const attribute = labels.get(part.label)?.attributes.find((attribute) => attribute.id === id)?.name ?? id
  return t("set {attribute} of {what}", { attribute: quoted(attribute), what })
}

function many(n: number, part: LogPart, labels: Labels): string {
  const values = { label: quoted(nameOf(part.label, labels)) }
  const verb = part.kind === "update" && part.properties[0] === "label" ? "relabel" : part.kind
  switch (verb) {
    case "create":
      if (part.accepted) return plural(n, "accepted {n} {label}", "accepted {n} × {label}", values)
      return part.shape === "span"
        ? plural(n, "labelled {n} {label}", "labelled {n} × {label}", values)
        : plural(n, "drew {n} {label}", "drew {n} × {label}", values)
    case "delete":
      return plural(n, "deleted {n} {label}", "deleted {n} × {label}", values)
    case "restore":
      return plural(n, "brought back {n} {label}", "brought back {n} × {label}", values)
    case "reject":
      return plural(n, "rejected {n} {label}", "rejected {n} × {label}", values)
    case "relabel":
      return plural(n, "relabelled {n} to {label}", "relabelled {n} to {label}", values)
    case "update":
      return plural(n, "changed {n} {label}", "changed {n} × {label}", values)
  }
}

function nameOf(label: number, labels: Labels): string {
  return labels.get(label)?.name ?? t("a removed label")
}

const MARK = "\u0001"

function quoted(text: string): string {
  return MARK + text + MARK
}

function words(text: string): Words[] {
  return text
    .split(MARK)
    .map((part, index) => ({ text: part, strong: index % 2 === 1 }))
    .filter((part) => part.text)
}
