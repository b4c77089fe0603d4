/** What the grid is filtered by, as the page's address has it and as the API is asked. */

import { STATUSES } from "../live/statuses"
import type { Sort, Status } from "./contract"

export interface Filters {
  /** Finished: done, skipped or accepted. */
  status: Status | "finished" | ""
  label: string
  author: string
  tag: string
  /** A person's id, "me" or "nobody". */
  assignee: string
  /** With suggestions, unsure, with comments, or with comments one has not read. */
  mark: string
  /** Days, like 2026-01-31. */
  from: string
  to: string
  /** The day on which annotations were made. */
  worked: string
  /** With annotations at all, or with those of people, or with imported ones. */
  made: string
  /** Who finished it, by their id, and on which day. */
  finisher: string
  finished: string
  /** For how many seconds at least somebody was at it. */
  took: string
  q: string
  sort: Sort
}

export const NONE: Filters = {
  status: "",
  label: "",
  author: "",
  tag: "",
  assignee: "",
  mark: "",
  from: "",
  to: "",
  worked: "",
  made: "",
  finisher: "",
  finished: "",
  took: "",
  q: "",
  sort: "oldest",
}

const KNOWN: readonly string[] = ["finished", ...STATUSES.map(({ value }) => value)]
const MARKS: readonly string[] = ["suggestions", "unsure", "comments", "unread"]
const MADE: readonly string[] = ["any", "people", "imported"]
const SORTS: readonly string[] = ["oldest", "newest", "name", "status"]

/** What an address does not say well is left out. */
export function fromAddress(search: string): Filters {
  const asked = new URLSearchParams(search)
  const said = (name: string, fits: (value: string) => boolean): string => {
    const value = asked.get(name) ?? ""
    return fits(value) ? value : ""
  }
  const number = (value: string): boolean => /^\d{1,18}$/.test(value)
  const day = (value: string): boolean => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
  return {
    status: said("status", (value) => KNOWN.includes(value)) as Filters["status"],
    label: said("label", number),
    author: said("author", number),
    tag: said("tag", number),
    assignee: said("assignee", (value) => value === "me" || value === "nobody" || number(value)),
    mark: said("mark", (value) => MARKS.includes(value)),
    from: said("from", day),
    to: said("to", day),
    worked: said("worked", day),
    made: said("made", (value) => MADE.includes(value)),
    finisher: said("finisher", number),
    finished: said("finished", day),
    took: said("took", number),
    q: said("q", () => true).slice(0, 200),
    sort: (said("sort", (value) => SORTS.includes(value)) || "oldest") as Sort,
  }
}

/** "?status=done", or "" when nothing is asked. */
export function toAddress(filters: Filters): string {
  const asked = new URLSearchParams(
    Object.entries(filters).filter(([name, value]) => value && value !== NONE[name as keyof Filters]),
  )
  return asked.size ? `?${asked}` : ""
}

/** For the API. A day begins where the person is. */
export function toQuery(filters: Filters): URLSearchParams {
  const { from, to } = filters
  const asked = new URLSearchParams(toAddress(filters))
  if (from) asked.set("from", midnight(from, 0).toISOString())
  if (to) asked.set("to", midnight(to, 1).toISOString())
  return asked
}

/** Whether fewer than all items are shown. */
export function narrows(filters: Filters): boolean {
  return toAddress({ ...filters, sort: "oldest" }) !== ""
}

function midnight(day: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = day.split("-").map(Number)
  return new Date(year, month - 1, date + later)
}
