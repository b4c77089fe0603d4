/** What the grid is handed by the page and by the API: annotator/views.py, annotator/grid.py, annotator/bulk.py. */

import type { StatusName } from "../live/statuses"

export type Status = StatusName
export type Sort = "oldest" | "newest" | "name" | "status"

export interface Label {
  id: number
  name: string
  color: string
  /** Whether it can be put on an item as a whole. */
  tags: boolean
}

export interface Someone {
  id: number
  name: string
  color: string
  picture?: string
  /** Whether items can be assigned to them. */
  works: boolean
}

/** What filters and cards name. */
export interface Choices {
  labels: readonly Label[]
  people: readonly Someone[]
}

export interface Bootstrap extends Choices {
  project: number
  role: number
  /** Where one may move items to. */
  projects: readonly { id: number; name: string }[]
  /** The first page without filters, when that is what the address asks for. */
  first: Page | null
}

export interface Outline {
  color: string
  /** x and y in turn */
  ring: readonly number[]
}

export interface Stretch {
  color: string
  /** Code points. */
  start: number
  end: number
}

/** What models suggest and nobody has decided. */
export interface Suggested {
  count: number
  outlines: readonly Outline[]
  spans: readonly Stretch[]
  tags: readonly number[]
}

export interface Card {
  id: number
  kind: "image" | "text"
  name: string
  thumbnail: string | null
  width: number | null
  height: number | null
  snippet: string
  status: Status
  reason: string
  /** How far its sheets have come. */
  clock: number
  /** Changes when something else is suggested. */
  stamp: number
  annotations: number
  outlines: readonly Outline[]
  spans: readonly Stretch[]
  tags: readonly number[]
  suggested: Suggested
  people: readonly { user: number; name: string; color: string }[]
  assignee: number | null
  unsure: boolean
  comments: number
  /** Comments that one has not seen. */
  unread: number
}

/** A card that is known at its clock and stamp is told without what is drawn on it. */
export type Fresh = Omit<Card, Drawn> & { [Name in Drawn]: Card[Name] | null }
type Drawn = "annotations" | "outlines" | "spans" | "tags" | "suggested"

export interface Counts {
  total: number
  by_status: Partial<Record<Status, number>>
}

export interface Page {
  items: readonly Card[]
  next: string | null
  counts: Counts | null
  /** Told when it is counted. */
  choices?: Choices | null
}

/** Which suggestions: all that are open, of a label, or at least so sure. */
export interface Which {
  label?: number | null
  above?: number | null
}

/** How many are open on some items. */
export interface OpenOfLabel {
  label: number
  suggestions: number
  items: number
}

export type Deed =
  | { type: "status"; status: Exclude<Status, "in_progress">; reason?: string }
  | { type: "unsure" }
  | { type: "tag" | "untag"; label: number }
  | { type: "relabel"; label: number; annotations: readonly string[] }
  | ({ type: "accept" | "reject" } & Which)
  | { type: "assign"; person: number | null }
  | { type: "move"; project: number }
  | { type: "trash" }
  | { type: "undo"; action: string }

export interface Done {
  action: string
  done: readonly number[]
  /** How many were accepted or rejected. */
  suggestions?: number
  refused: readonly { code: string; detail: string; items: readonly number[] }[]
}

/** What moving items would come to: annotator/moving.py. */
export interface WouldMove {
  items: number
  annotations: number
  comments: number
  made: readonly string[]
  widened: readonly string[]
  lost: readonly { label: string; attribute: string; values: number }[]
  opened: number
  predictions: number
  refused: number
}

/** A filter under a name; `query` is the address's. */
export interface Saved {
  id: number
  name: string
  query: string
  shared: boolean
  mine: boolean
}

/** The most items that one action takes. */
export const MOST = 1000
