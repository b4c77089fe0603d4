/** One sheet, live: what is on the screen, what is on its way, and who else is there. */

import type { AnnotationRecord, Conflict, Id, Notice, Operation, SaveState, SheetSession, ViewChange } from "./contract"
import { Clashes } from "./clashes"
import { uuid } from "./ids"
import type {
  Ack,
  Applied,
  Apply,
  CaughtUp,
  Changes,
  Joined,
  OperationIn,
  Outgoing,
  Presence,
  Redo,
  Refused,
  RestoreTo,
  SetStatus,
  StatusSet,
  Undo,
} from "./messages.gen"
import { type Entry, Outbox, operationsOf, type Request, type Sender } from "./outbox"
import { inBatches, isTooLarge } from "./pace"
import { actionOf, Past } from "./past"
import { Peers, Whereabouts } from "./peers"
import type { Link } from "./socket"
import { Store, type Touched } from "./store"
import { Topic } from "./topic"
import * as words from "./words"

const ANNOTATOR = 20
const TOO_FAST_PAUSE = 1_000
const GAP_PATIENCE = 1_000
/** Bytes waiting in the socket above which presence is dropped. */
const BACKED_UP = 65_536

/** What a session needs of its page. */
export interface Page extends Sender {
  readonly user: number
  readonly connection: string
  readonly link: Link
  readonly backlog: number
  join(sheet: number, since: number | null): void
  tell(presence: Presence): void
  /** Keep what can no longer be sent until the person has taken it as a file. */
  setAside(requests: Request[], why: string): void
  /** Tell the person something of a sheet that is not open. */
  notify(notice: Notice): void
  /** What is waiting, or what must be decided, has changed. */
  changed(): void
  closeSheet(sheet: number): void
}

export class Session implements SheetSession {
  joined = false
  known = false
  role = 0
  readonly outbox: Outbox

  private readonly store: Store
  private readonly past: Past
  private readonly others = new Peers()
  private readonly whereabouts: Whereabouts
  private readonly views = new Topic<ViewChange>()
  private readonly states = new Topic()
  private readonly peerChanges = new Topic()
  private readonly notices = new Topic<Notice>()
  private readonly clashes = new Clashes((operations, forgotten) => this.chosen(operations, forgotten))
  private serverStatus = { status: "todo", reason: "" }
  private joining = false
  private gapTimer: ReturnType<typeof setTimeout> | undefined

  constructor(
    readonly sheet: number,
    private readonly page: Page,
  ) {
    this.store = new Store(page.user)
    this.outbox = new Outbox(page)
    this.past = new Past(this.outbox)
    this.whereabouts = new Whereabouts((presence) => this.tellPresence(presence))
  }

  // What is there -----------------------------------------------------------------------------------------------------

  get records(): ReadonlyMap<Id, AnnotationRecord> {
    return this.store.view
  }

  get clock(): number {
    return this.store.clock
  }

  get status(): string {
    return this.statusAsked?.status ?? this.serverStatus.status
  }

  get reason(): string {
    return this.statusAsked ? (this.statusAsked.reason ?? "") : this.serverStatus.reason
  }

  get peers() {
    return this.others.here
  }

  get save(): SaveState {
    const { waiting } = this.outbox
    const { link } = this.page
    if (link === "signed_out") return { kind: "signed_out", waiting }
    if (link === "offline" || link === "stopped") return { kind: "offline", waiting }
    return waiting ? { kind: "saving" } : { kind: "saved" }
  }

  get conflicts(): readonly Conflict[] {
    return this.clashes.beside((id) => this.store.known(id))
  }

  get canUndo(): boolean {
    return this.past.canUndo
  }

  get canRedo(): boolean {
    return this.past.canRedo
  }

  onView = (listener: (change: ViewChange) => void) => this.views.on(listener)
  onState = (listener: () => void) => this.states.on(listener)
  onPeers = (listener: () => void) => this.peerChanges.on(listener)
  onNotice = (listener: (notice: Notice) => void) => this.notices.on(listener)

  // What one does -----------------------------------------------------------------------------------------------------

  apply(operations: Operation[]): void {
    if (this.refuseViewer()) return
    const possible = operations.filter((operation) => !this.goneMeanwhile(operation))
    if (!possible.length) return
    if (possible.some(isTooLarge)) return this.notify(words.tooLarge)
    this.past.acted()
    this.perform(possible)
  }

  undo(): void {
    if (!this.canUndo) return
    const withdrawn = this.past.undo()
    if (withdrawn) this.show(this.store.remove(withdrawn), "local")
    else this.ask({ type: "undo", id: uuid(), sheet: this.sheet, action: this.past.meant })
    this.changed()
  }

  redo(): void {
    if (!this.canRedo) return
    const again = this.past.redo()
    if (again) this.perform(again)
    else this.ask({ type: "redo", id: uuid(), sheet: this.sheet })
  }

  restoreTo(clock: number): void {
    this.ask({ type: "restore_to", id: uuid(), sheet: this.sheet, clock })
  }

  setStatus(status: SetStatus["status"], reason = ""): void {
    if (this.refuseViewer()) return
    this.outbox.add({ type: "set_status", id: uuid(), sheet: this.sheet, status, reason })
    this.changed()
  }

  hold(annotation: Id): void {
    this.store.hold(annotation)
  }

  release(annotation: Id): void {
    this.show(this.store.release(annotation), "remote")
  }

  present(presence: Omit<Presence, "type" | "sheet">): void {
    this.whereabouts.set(presence)
  }

  close(): void {
    this.page.closeSheet(this.sheet)
  }

  // The room ----------------------------------------------------------------------------------------------------------

  /** Enter the room, or ask again what was missed. */
  join(): void {
    if (this.joining) return
    this.joining = true
    this.page.join(this.sheet, this.known ? this.store.clock : null)
  }

  /** The room is left, or the socket has closed. */
  part(): void {
    this.joined = this.joining = false
    clearTimeout(this.gapTimer)
    this.gapTimer = undefined
    this.outbox.closed()
    this.whereabouts.stop()
    this.others.here.clear()
    this.peerChanges.tell()
    this.changed()
  }

  /** Take over what a page that is gone had not sent. */
  adopt(messages: (Apply | SetStatus)[]): void {
    const touched = this.store.add(messages.flatMap(operationsOf))
    this.outbox.adopt(messages)
    this.show(touched, "local")
    this.changed()
  }

  receive(message: Outgoing): void {
    switch (message.type) {
      case "joined":
        return this.hasJoined(message)
      case "changes":
        return this.hasChanged(message)
      case "caught_up":
        this.setServerStatus(message)
        this.advance(message, () => this.take(message.records))
        return this.changed()
      case "ack":
        return this.acknowledged(message)
      case "refused":
        return this.refused(message)
      case "status_set":
        this.setServerStatus(message)
        this.advance(message, () => undefined)
        return this.changed()
      case "role_set":
        this.role = message.role
        return this.changed()
      case "presences":
        this.lookForGap(message.clock)
    }
    if (this.others.hear(message, this.page.connection)) this.peerChanges.tell()
  }

  private hasJoined(message: Joined): void {
    this.joining = false
    this.joined = this.known = true
    this.role = message.role
    this.past.reset(message.undoable, message.redoable)
    this.others.hear(message, this.page.connection)
    this.watchHeld(() => this.show(this.store.load(message), "remote"))
    this.setServerStatus(message)
    this.outbox.opened()
    this.whereabouts.repeat()
    this.peerChanges.tell()
    this.changed()
  }

  private setServerStatus({ clock, status, reason }: Joined | StatusSet | CaughtUp): void {
    if (clock >= this.store.clock) this.serverStatus = { status, reason }
  }

  private hasChanged(message: Changes): void {
    const fresh = message.clock > this.store.clock
    this.advance(message, () => {
      for (const batch of message.batches) this.takeBatch(batch, fresh)
    })
    this.changed()
  }

  private takeBatch(batch: Applied, fresh: boolean): void {
    const entry = this.outbox.settle(batch.id)
    if (fresh && batch.actor === this.page.user) this.past.applied(batch, entry !== undefined)
    const records = batch.changes.map((change) => change.record)
    this.settled(entry, records)
    if (entry && batch.skipped.length) {
      const someone = this.others.nameOf(batch.skipped[0]?.actor ?? 0)
      this.notify(words.partlyTakenBack(someone, batch.skipped))
    }
  }

  /** Take what moved the clock, and ask for what is missing when it did not begin where one is [G1]. */
  private advance({ after, clock }: { after: number; clock: number }, take: () => void): void {
    const gap = after > this.store.clock
    take()
    if (gap) this.join()
    else this.store.clock = Math.max(this.store.clock, clock)
  }

  private acknowledged(message: Ack): void {
    const entry = this.outbox.settle(message.id)
    this.settled(entry, message.records)
    if (entry?.message.type === "set_status") {
      this.serverStatus = { status: entry.message.status, reason: entry.message.reason ?? "" }
    } else if (entry && !entry.late) {
      this.countAcknowledged(entry.message, message)
    }
    this.changed()
  }

  /** With records, it was carried out and its frame was overtaken [W2]; without, there was nothing to take back [U5]. */
  private countAcknowledged(asked: Request, { records, skipped }: Ack): void {
    if (asked.type === "set_status") return
    if (records.length) return this.past.applied(actionOf(asked), true)
    if (asked.type !== "undo" && asked.type !== "redo") return
    const named = asked.type === "undo" && asked.action !== undefined
    if (!named) this.past.nothingTo(asked.type)
    if (named && !skipped.length) return // what it was about was refused, and that is told
    this.notify(words.nothingTakenBack(asked.type, this.others.nameOf(skipped[0]?.actor ?? 0), skipped))
  }

  private settled(entry: Entry | undefined, records: AnnotationRecord[]): void {
    this.watchHeld(() => {
      const touched = new Set(this.store.take(records))
      if (entry) for (const id of this.store.remove(operationsOf(entry.message), true)) touched.add(id)
      this.show(touched, entry ? "local" : "remote")
    })
  }

  // Refusals ----------------------------------------------------------------------------------------------------------

  private refused(message: Refused): void {
    if (message.id === null && message.code === "not_found") return this.end(message.detail)
    if (message.id === null) return // some of where one is was not told
    this.take(message.records)
    if (message.code === "too_fast") return this.outbox.slowDown(message.id, TOO_FAST_PAUSE)
    if (this.outbox.divide(message.id)) return this.changed()
    const entry = this.outbox.find(message.id)
    if (!entry) return
    if (message.code === "conflict") this.setApart(entry)
    else this.outbox.settle(message.id)
    this.show(this.store.remove(operationsOf(entry.message)), "remote")
    if (message.code !== "conflict") this.notify(this.toldOf(message, entry))
    this.changed()
  }

  private toldOf(message: Refused, entry: Entry): Notice {
    const annotation = operationsOf(entry.message)[0]?.annotation
    const record = annotation === undefined ? undefined : this.store.known(annotation)
    if (message.code !== "deleted" || !record) return words.refusal(message, annotation)
    return words.deleted(this.others.nameOf(record.updated_by), record.id)
  }

  /** One's access has ended. What was not sent cannot be sent any more: it is kept as a file. */
  private end(why: string): void {
    const requests = [...this.outbox.clear(), ...this.clashes.clear()]
    this.show(this.store.remove(requests.flatMap(operationsOf)), "remote")
    this.page.setAside(requests, why)
    this.role = 0
    this.part()
    this.notify({ tone: "bad", code: "not_found", text: why })
  }

  /** A change whose base has moved on waits until the person has chosen [W7]. It stays in the queue until then. */
  private setApart(entry: Entry): void {
    if (entry.message.type !== "apply") return
    this.clashes.add(entry.message)
    this.outbox.drop(entry)
  }

  private chosen(operations: Operation[], forgotten: Id[]): void {
    if (operations.length) this.perform(operations)
    this.page.forget(forgotten)
    this.changed()
  }

  // Parts -------------------------------------------------------------------------------------------------------------

  private perform(asked: readonly Operation[]): void {
    const operations = asked.map((operation) => this.identified(operation))
    const touched = this.store.add(operations)
    this.outbox.add(...inBatches(this.sheet, uuid(), operations))
    this.show(touched, "local")
    this.changed()
  }

  /** The operation under an id of its own, with the clocks of what one saw. */
  private identified(operation: Operation): OperationIn {
    const id = uuid()
    if (operation.type === "create" || operation.type === "restore") return { ...operation, id }
    return { ...operation, id, base: { ...this.store.seen(operation.annotation) } }
  }

  /** What only the server can do. */
  private ask(request: Undo | Redo | RestoreTo): void {
    if (!this.joined) return this.notify(words.offline)
    this.outbox.add(request)
    this.changed()
  }

  private get statusAsked(): SetStatus | undefined {
    const asked = this.outbox.entries.findLast(({ message }) => message.type === "set_status")?.message
    return asked?.type === "set_status" ? asked : undefined
  }

  private refuseViewer(): boolean {
    const refused = this.known && this.role < ANNOTATOR
    if (refused) this.notify(words.viewer)
    return refused
  }

  /** Someone has deleted what one wants to change. One who was dragging it has been told already. */
  private goneMeanwhile({ type, annotation }: Operation): boolean {
    const record = this.store.known(annotation)
    if (!record?.deleted || (type !== "update" && type !== "delete")) return false
    if (!this.store.heldIds.includes(annotation))
      this.notify(words.deleted(this.others.nameOf(record.updated_by), annotation))
    return true
  }

  /** Say so when someone deletes what one is dragging. */
  private watchHeld(change: () => void): void {
    const gone = () => this.store.heldIds.filter((id) => this.store.known(id)?.deleted)
    const before = new Set(gone())
    change()
    for (const id of gone()) {
      const by = this.store.known(id)?.updated_by ?? 0
      if (!before.has(id) && by !== this.page.user) this.notify(words.deleted(this.others.nameOf(by), id))
    }
  }

  private take(records: AnnotationRecord[]): void {
    this.watchHeld(() => this.show(this.store.take(records), "remote"))
  }

  private lookForGap(clock: number): void {
    if (clock <= this.store.clock || this.gapTimer !== undefined) return
    this.gapTimer = setTimeout(() => {
      this.gapTimer = undefined
      if (clock > this.store.clock) this.join()
    }, GAP_PATIENCE)
  }

  private tellPresence(presence: Omit<Presence, "type" | "sheet">): boolean {
    if (!this.joined) return true
    if (this.page.backlog > BACKED_UP) return false
    this.page.tell({ type: "presence", sheet: this.sheet, ...presence })
    return true
  }

  /** Nobody may be looking at the sheet while what waited for it is sent. */
  private notify(notice: Notice): void {
    if (this.notices.heard) this.notices.tell(notice)
    else this.page.notify(words.elsewhere(notice, this.sheet))
  }

  private show(ids: Touched, origin: ViewChange["origin"]): void {
    if (ids === "all" || ids.size) this.views.tell({ ids, origin })
  }

  private changed(): void {
    this.states.tell()
    this.page.changed()
  }
}
