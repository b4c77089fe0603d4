// Generated from annotator/messages/ by `manage.py protocol_types`. Do not edit.

export const PROTOCOL = 1
export const MAX_BATCH = 5000
export const MAX_FRAME = 1048576

export type Messages = Incoming | Outgoing | OperationIn | Shape | DraftShape
export type Incoming = Hello | Join | Leave | Watch | Apply | Undo | Redo | RestoreTo | SetStatus | SetUnsure | Presence
export type Outgoing =
  | Welcome
  | Joined
  | Changes
  | CaughtUp
  | Ack
  | Refused
  | StatusSet
  | Commented
  | Arrived
  | Left
  | Presences
  | RoleSet
  | Watching
  | LabelsChanged
  | ProposalsChanged
  | ItemsChanged
  | SheetsChanged
  | EvaluationsChanged
export type OperationIn = Create | Update | Delete | Restore | Reject
export type Shape = Rectangle | Polygon | Span | Tag
export type DraftShape = DraftRectangle | DraftPolygon | DraftSpan

/**
 * The first message. `client` names this page; it is made anew by every page load.
 */
export interface Hello {
  type: "hello"
  protocol: number
  client: string
}
/**
 * Enter a sheet's room. `since` is the clock one already has, `project` the one whose labels one has.
 */
export interface Join {
  type: "join"
  sheet: number
  since?: number | null
  project?: number | null
}
export interface Leave {
  type: "leave"
  sheet: number
}
/**
 * Be told what happens in a project, without a sheet of it; another project takes the place of the one before.
 */
export interface Watch {
  type: "watch"
  project: number
}
export interface Apply {
  type: "apply"
  sheet: number
  batch: Batch
}
/**
 * Operations that are applied together or not at all.
 *
 * `queued` says that they waited while the server was out of reach: an update whose base has moved on is then
 * refused as `conflict` instead of winning.
 */
export interface Batch {
  id: string
  action: string
  operations: (Create | Update | Delete | Restore | Reject)[]
  queued?: boolean
}
/**
 * Add an annotation under an id made by the client. One that is made of a `prediction` has the id that the list of
 * the item's predictions gives it, so that it is accepted once, whoever does it.
 */
export interface Create {
  type: "create"
  id: string
  annotation: string
  label: number
  shape: Rectangle | Polygon | Span | Tag
  attributes?: {
    [k: string]: string | number | boolean | null
  }
  prediction?: string | null
}
/**
 * Pixels of the upright image, origin top left.
 */
export interface Rectangle {
  type: "rectangle"
  x: number
  y: number
  width: number
  height: number
}
/**
 * One closed ring without its repeated end; pixels of the upright image.
 */
export interface Polygon {
  type: "polygon"
  points: [number, number][]
}
/**
 * Unicode code points start to end (exclusive) of the text, and the words that stand there.
 */
export interface Span {
  type: "span"
  start: number
  end: number
  quote: string
}
/**
 * A label on the item as a whole.
 */
export interface Tag {
  type: "tag"
}
/**
 * Change some properties; the others keep their value. `base` holds the clocks of the properties as last seen.
 */
export interface Update {
  type: "update"
  id: string
  annotation: string
  label?: number
  shape?: Rectangle | Polygon | Span | Tag
  attributes?: {
    [k: string]: string | number | boolean | null
  }
  base?: {
    [k: string]: number
  }
}
export interface Delete {
  type: "delete"
  id: string
  annotation: string
  base?: {
    [k: string]: number
  }
}
/**
 * Bring a deleted annotation back as it was.
 */
export interface Restore {
  type: "restore"
  id: string
  annotation: string
}
/**
 * Turn a prediction down, or the annotation that was made of it: it is deleted, and no longer proposed. To delete
 * what was rejected takes that back, to restore it accepts it.
 */
export interface Reject {
  type: "reject"
  id: string
  annotation: string
  prediction: string
  base?: {
    [k: string]: number
  }
}
/**
 * Take back one's latest action on the sheet, or the one named.
 */
export interface Undo {
  type: "undo"
  id: string
  sheet: number
  action?: string | null
}
export interface Redo {
  type: "redo"
  id: string
  sheet: number
}
/**
 * Bring the sheet back to its state at a clock, by new operations.
 */
export interface RestoreTo {
  type: "restore_to"
  id: string
  sheet: number
  clock: number
}
export interface SetStatus {
  type: "set_status"
  id: string
  sheet: number
  status: "accepted" | "done" | "in_progress" | "returned" | "skipped" | "todo"
  reason?: string
}
/**
 * Say that one is unsure of the sheet, and wants another to look at it; or that one no longer is.
 */
export interface SetUnsure {
  type: "set_unsure"
  id: string
  sheet: number
  unsure: boolean
}
/**
 * Where one is and what one is doing. Coordinates are the item's: pixels, or a code point of the text.
 */
export interface Presence {
  type: "presence"
  sheet: number
  cursor?: [number, number] | null
  caret?: number | null
  selection?: string[]
  draft?: Draft | null
  view?: [number, number, number, number] | null
}
/**
 * An unfinished shape, or an annotation that is being dragged. Not checked against the item, never stored.
 */
export interface Draft {
  shape: DraftRectangle | DraftPolygon | DraftSpan
  label?: number | null
  annotation?: string | null
}
export interface DraftRectangle {
  type: "rectangle"
  x: number
  y: number
  width: number
  height: number
}
export interface DraftPolygon {
  type: "polygon"
  points: [number, number][]
}
export interface DraftSpan {
  type: "span"
  start: number
  end: number
}
export interface Welcome {
  type: "welcome"
  protocol: number
  connection: string
  user: number
}
/**
 * The sheet as it stands at `clock`: everything (`snapshot`), or what changed since the clock one had.
 *
 * `undoable` counts one's actions on the sheet that can be taken back, `redoable` those that can be done again.
 */
export interface Joined {
  type: "joined"
  sheet: number
  clock: number
  snapshot: boolean
  records: Record[]
  status: string
  reason: string
  role: number
  people: Person[]
  undoable: number
  redoable: number
  unsure: boolean
}
/**
 * An annotation as it stands. `clocks` holds the clock of each property's last write. One that was `imported` came
 * from a file; `created_by` is then who brought it. One of a `prediction` was accepted, or, deleted, `rejected`.
 */
export interface Record {
  id: string
  label: number
  shape: Rectangle | Polygon | Span | Tag
  attributes: {
    [k: string]: string | number | boolean | null
  }
  clock: number
  clocks: {
    [k: string]: number
  }
  deleted: boolean
  created_by: number
  created_at: string
  updated_by: number
  updated_at: string
  imported?: boolean
  prediction?: string | null
  rejected?: boolean
}
/**
 * Someone in a room. `connection` tells two tabs of one person apart, `picture` is an address or nothing.
 */
export interface Person {
  connection: string
  user: number
  name: string
  color: string
  picture: string
}
/**
 * Batches that moved the sheet's clock from `after` to `clock`.
 */
export interface Changes {
  type: "changes"
  sheet: number
  after: number
  clock: number
  batches: Applied[]
}
/**
 * A batch as applied, in clock order. `id` is the request's: to its sender this is the acknowledgement.
 */
export interface Applied {
  id: string
  actor: number
  action: string
  source: "api" | "import" | "label" | "move" | "person" | "redo" | "restore" | "undo"
  changes: Change[]
  skipped: Skipped[]
}
/**
 * One operation as applied: its own id and the annotation after it.
 */
export interface Change {
  id: string
  kind: "create" | "delete" | "reject" | "restore" | "update"
  record: Record
}
/**
 * A property that undo left alone because someone else has changed it since.
 */
export interface Skipped {
  annotation: string
  property: string
  actor: number
}
/**
 * What changed between two clocks, where the batches themselves were missed.
 */
export interface CaughtUp {
  type: "caught_up"
  sheet: number
  after: number
  clock: number
  status: string
  reason: string
  records: Record[]
  unsure: boolean
}
/**
 * The answer to a request that has no batch of its own: a repeated one, a status, an undo with nothing to do.
 */
export interface Ack {
  type: "ack"
  id: string
  sheet: number
  clock: number
  records: Record[]
  skipped: Skipped[]
}
/**
 * A request was not carried out. `records` are the annotations concerned, as they stand.
 */
export interface Refused {
  type: "refused"
  id: string | null
  sheet: number | null
  code: string
  detail: string
  fields: {
    [k: string]: string
  }
  records: Record[]
}
/**
 * The sheet's status from `clock` on, and whether someone is unsure of it.
 *
 * It moves the clock, or follows the `changes` of the same commit.
 */
export interface StatusSet {
  type: "status_set"
  sheet: number
  after: number
  clock: number
  status: string
  reason: string
  actor: number
  unsure: boolean
}
/**
 * Someone has said, changed, deleted or resolved something about the sheet; fetch its comments anew.
 */
export interface Commented {
  type: "commented"
  sheet: number
}
export interface Arrived {
  type: "arrived"
  sheet: number
  person: Person
}
export interface Left {
  type: "left"
  sheet: number
  connection: string
}
/**
 * Where the others are now. Carries the room's clock, so that a gap shows.
 */
export interface Presences {
  type: "presences"
  sheet: number
  clock: number
  moved: Moved[]
}
export interface Moved {
  connection: string
  cursor: [number, number] | null
  caret: number | null
  selection: string[]
  draft: Draft | null
  view: [number, number, number, number] | null
}
/**
 * One's role in the project of this sheet has changed.
 */
export interface RoleSet {
  type: "role_set"
  sheet: number
  role: number
}
/**
 * The answer to `watch`.
 */
export interface Watching {
  type: "watching"
  project: number
}
/**
 * The project's labels or guidelines have changed; fetch both anew.
 */
export interface LabelsChanged {
  type: "labels_changed"
  project: number
}
/**
 * What models propose for the project's items has changed; fetch that of the open item anew.
 */
export interface ProposalsChanged {
  type: "proposals_changed"
  project: number
}
/**
 * Something was done to many of the project's items at once; fetch those in sight anew.
 */
export interface ItemsChanged {
  type: "items_changed"
  project: number
}
/**
 * Something was written to sheets of the project; told to who watches it, at most ten times a second.
 */
export interface SheetsChanged {
  type: "sheets_changed"
  project: number
}
/**
 * An evaluation of the project was made, evaluated anew or deleted.
 */
export interface EvaluationsChanged {
  type: "evaluations_changed"
  project: number
}
