/** What the server tells the map: detectors/confusion_views.py, confusion_api.py and confusion/telling.py. */

export interface Label {
  id: number
  name: string
  color: string
  hotkey: string
  removed: boolean
}

export interface Someone {
  id: number
  name: string
}

export interface SliceName {
  id: number
  name: string
  count: number
}

export interface Figures {
  labels: readonly number[]
  explained: readonly number[]
  points: number
  /** Of how many there is nothing to look at. */
  unseen: number
  /** What the map cannot show, and why. */
  notes: readonly string[]
}

export interface Evaluation {
  id: number
  name: string
  subject: "boxes" | "polygons" | "spans" | "tags"
  kind: "image" | "text"
  run: number | null
  weights: number | null
  /** What learns goes by this name, again and again. */
  model: string
  version: number | null
  follows: boolean
  state: "waiting" | "done" | "failed"
  detail: string
  facts: Partial<Figures>
  created_at: string
}

export interface Bootstrap {
  project: { id: number; name: string; role: number; blind: boolean }
  user: number
  evaluations: readonly Evaluation[]
  chosen: number | null
  labels: readonly Label[]
  people: readonly Someone[]
  /** Labels of whole items beside those that are compared. */
  tags: readonly Someone[]
  slices: readonly SliceName[]
  runs: readonly { id: number; name: string }[]
  /** Whether the project learns by itself from what is changed here. */
  learns: boolean
}

/** A point of an item that has changed: id, item, truth, prediction, how sure, and its row, -1 of what is new. */
export type Fresh = readonly [string, number, number, number, number | null, number]

/** A thing to look at; labels are rows of the evaluation's list, its length stands for none. */
export interface ThingCard {
  id: string
  item: number
  name: string
  truth: number
  predicted: number
  score: number | null
  guess?: number
  sure?: number
  why?: string
  place?: readonly [number, number, number, number]
  size?: readonly [number, number]
  before?: string
  quote?: string
  after?: string
}

export const ORDERS = [
  "confident",
  "margin",
  "unlikely",
  "neighbours",
  "duplicates",
  "missing",
  "spurious",
  "misplaced",
] as const
export type Order = (typeof ORDERS)[number]

export interface Now {
  changed: readonly number[]
  fresh: readonly Fresh[]
  points: number
  agree: number
  accuracy: number
  macro_f1: number
  calibration: number | null
  orders: Partial<Record<Order, number>>
  mistakes: readonly ThingCard[]
  /** Who has the map open. */
  here: readonly number[]
}

/** The most items that one action takes. */
export const MOST = 1000
