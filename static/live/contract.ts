/** What the live session offers to the editor. `session.ts` implements it; the stages and the panels use only this. */

import type { Link } from "./socket"
import type {
  Create,
  Delete,
  Joined,
  Person,
  Presence,
  Record as AnnotationRecord,
  Reject,
  Restore,
  Update,
} from "./messages.gen"
import type { StatusName } from "./statuses"
import type { Decision } from "./store"

export type { AnnotationRecord, Decision }
export type Id = string
export type Operation =
  | Omit<Create, "id">
  | Omit<Update, "id" | "base">
  | Omit<Delete, "id" | "base">
  | Omit<Restore, "id">
  | Omit<Reject, "id" | "base">
export type Unsubscribe = () => void

/** The item of a sheet, by which a person knows it. */
export interface SheetItem {
  sheet: number
  id: number
  project: number
  name: string
}

/** Someone else in the room: who they are, and where they are as far as they have told. */
export type Peer = Person & Omit<Presence, "type" | "sheet">

/** Which annotations changed on the screen; `all` after a snapshot. */
export interface ViewChange {
  ids: ReadonlySet<Id> | "all"
  origin: "local" | "remote"
}

export type SaveState =
  | { kind: "saved" }
  | { kind: "saving" }
  /** The server has answered all; what it did not take waits for the person, to choose or to take as a file. */
  | { kind: "unsaved"; waiting: number }
  | { kind: "offline"; waiting: number }
  | { kind: "signed_out"; waiting: number }

/** Something a person must be told: a refusal, a skipped undo, someone else's deletion of what one was dragging. */
export interface Notice {
  tone: "info" | "warn" | "bad"
  code: string
  text: string
  annotation?: Id
  /** What it is about, when that is not open. */
  item?: SheetItem
}

/** A queued change whose base has moved on. The person chooses; until then the server's value shows. */
export interface Conflict {
  id: Id
  annotation: Id
  mine: Operation
  theirs: AnnotationRecord
  keep(which: "mine" | "theirs"): void
}

/** GET /api/sheets/ID/annotations/: what a sheet holds at `clock`. */
export type Reading = Pick<Joined, "clock" | "snapshot" | "records" | "status" | "reason" | "unsure">

/** Why one has no access any more, if so. */
export type Ended = "" | "not_found" | "moved"

export interface SheetSession {
  readonly sheet: number
  readonly joined: boolean
  /** The sheet's annotations and status have come; before, one sees no more than one's own doing. */
  readonly known: boolean
  /** What is on the screen: the server's state with one's own pending operations on top; no tombstones. */
  readonly records: ReadonlyMap<Id, AnnotationRecord>
  readonly clock: number
  /** What became of a prediction, by the id of what stands for it; undefined as long as the sheet has not told. */
  decision(annotation: Id): Decision | undefined
  readonly status: string
  readonly reason: string
  readonly unsure: boolean
  readonly role: number
  /** With no access any more what is shown is how it was. */
  readonly ended: Ended
  readonly peers: ReadonlyMap<string, Peer>
  readonly conflicts: readonly Conflict[]
  readonly canUndo: boolean
  readonly canRedo: boolean

  onView(listener: (change: ViewChange) => void): Unsubscribe
  /** Status, role, conflicts, undo: anything but annotations and peers. */
  onState(listener: () => void): Unsubscribe
  onPeers(listener: () => void): Unsubscribe
  onNotice(listener: (notice: Notice) => void): Unsubscribe
  /** What is said about the sheet has changed, or may have while one was away [M1]: fetch it anew. */
  onComments(listener: () => void): Unsubscribe

  /** Shows at once, is kept, is sent. All operations of one call are one action, undone together. */
  apply(operations: Operation[]): void
  undo(): void
  redo(): void
  restoreTo(clock: number): void
  setStatus(status: StatusName, reason?: string): void
  setUnsure(unsure: boolean): void

  /** While one drags an annotation, remote changes to it wait; `release` lets them show. */
  hold(annotation: Id): void
  release(annotation: Id): void

  /** Tell the others where one is; merged and throttled. */
  present(presence: Partial<Omit<Presence, "type" | "sheet">>): void
  close(): void
}

/** The page's one socket, as `openLive({ user })` makes it. Sessions join and leave its rooms. */
export interface Live {
  /** `ahead` is what the sheet held when it was fetched ahead: unless one has seen more, it shows and is caught up with. */
  open(item: SheetItem, ahead?: Reading): SheetSession
  /** Connect at once: the person has signed in again. */
  resume(): void
  /** How far what one did on all sheets is saved. */
  readonly save: SaveState
  /** Operations of all sheets that the server has not acknowledged, or that must be decided. */
  readonly waiting: number
  /** The items of changes that must be decided, one for each [W7]. */
  readonly undecided: readonly SheetItem[]
  /** Are they all written to the queue that survives a closed tab? */
  readonly kept: boolean
  /** What to say before the person signs out; null when all is saved. */
  readonly signOutWarning: string | null
  /** `stopped`: nothing helps but a reload; a notice has said why. */
  readonly link: Link
  /** Changes that can no longer be sent, as the file in which the person can take them away. */
  readonly aside: number
  /** Why they cannot, each reason once. */
  readonly asideWhy: readonly string[]
  asideFile(): string
  discardAside(): void
  /** The link, what is waiting, undecided or set aside. */
  onState(listener: () => void): Unsubscribe
  /** What no open sheet tells. */
  onNotice(listener: (notice: Notice) => void): Unsubscribe
  /** The project's labels or guidelines have changed, or may have while one was offline: fetch them anew. */
  onLabels(listener: () => void): Unsubscribe
  /** What models propose for the project's items has changed, or may have while one was offline: fetch it anew. */
  onProposals(listener: () => void): Unsubscribe
  close(): void
}
