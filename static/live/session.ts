/** One sheet, live: what is on the screen, what is on its way, and who else is there. */

import type {
  AnnotationRecord,
  Conflict,
  Ended,
  Id,
  Notice,
  Operation,
  Reading,
  SheetItem,
  SheetSession,
  ViewChange,
} from "./contract"
import { CatchUp } from "./catchup"
import { Held } from "./held"
import { uuid } from "./ids"
import type {
  Ack,
  Applied,
  CaughtUp,
  Changes,
  Joined,
  OperationIn,
  Outgoing,
  Presence,
  Redo,
  RestoreTo,
  StatusSet,
  Undo,
} from "./messages.gen"
import { type Entry, isKept, isSaying, type Kept, Outbox, operationsOf, type Request } from "./outbox"
import type { Page } from "./page"
import { inBatches, isTooLarge } from "./pace"
import { actionOf, Past } from "./past"
import { Peers, Whereabouts } from "./peers"
import { Refusals, type Sheet } from "./refusals"
import { ANNOTATOR } from "./roles"
import { Status } from "./status"
import type { StatusName } from "./statuses"
import { Store, type Touched } from "./store"
import { Topic } from "./topic"
import * as words from "./words"

export class Session implements SheetSession, Sheet {
  joined = false
  known = false
  ended: Ended = ""
  role = 0
  readonly sheet: number
  readonly outbox: Outbox
  readonly store: Store

  private readonly past: Past
  private readonly held: Held
  private readonly others = new Peers()
  private readonly whereabouts: Whereabouts
  private readonly views = new Topic<ViewChange>()
  private readonly states = new Topic()
  private readonly peerChanges = new Topic()
  private readonly notices = new Topic<Notice>()
  private readonly comments = new Topic()
  private readonly refusals: Refusals
  private readonly state: Status
  private readonly catchUp: CatchUp

  constructor(
    readonly item: SheetItem,
    private readonly page: Page,
  ) {
    this.sheet = item.sheet
    this.store = new Store(page.user)
    this.outbox = new Outbox(page)
    this.held = new Held(this.store, page.user, (by, id) => this.notify(words.deleted(this.nameOf(by), id)))
    this.past = new Past(this.outbox)
    this.state = new Status(this.outbox)
    this.refusals = new Refusals(this, page)
    this.catchUp = new CatchUp(this.store, () => page.join(item, this.known ? this.store.clock : null))
    this.whereabouts = new Whereabouts(page, this.sheet, () => this.joined)
  }

  // What is there -----------------------------------------------------------------------------------------------------

  get records(): ReadonlyMap<Id, AnnotationRecord> {
    return this.store.view
  }

  get clock(): number {
    return this.store.clock
  }

  get status(): string {
    return this.state.status
  }

  get reason(): string {
    return this.state.reason
  }

  get unsure(): boolean {
    return this.state.unsure
  }

  get peers() {
    return this.others.here
  }

  get conflicts(): readonly Conflict[] {
    return this.refusals.conflicts
  }

  /** Nothing is on its way, and nothing can come: nobody needs it unless somebody looks at it. */
  get idle(): boolean {
    return (this.joined || this.ended !== "") && !this.outbox.entries.length
  }

  get canUndo(): boolean {
    return this.past.canUndo
  }

  get canRedo(): boolean {
    return this.past.canRedo
  }

  decision = (annotation: Id) => this.store.decision(annotation)
  onView = (listener: (change: ViewChange) => void) => this.views.on(listener)
  onState = (listener: () => void) => this.states.on(listener)
  onPeers = (listener: () => void) => this.peerChanges.on(listener)
  onNotice = (listener: (notice: Notice) => void) => this.notices.on(listener)
  onComments = (listener: () => void) => this.comments.on(listener)

  // What one does -----------------------------------------------------------------------------------------------------

  apply(operations: Operation[]): void {
    if (this.refuseViewer()) return
    const possible = operations.filter((operation) => !this.held.isGone(operation))
    if (!possible.length) return
    if (possible.some(isTooLarge)) return this.notify(words.tooLarge())
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

  setStatus(status: StatusName, reason = ""): void {
    if (this.refuseViewer()) return
    this.outbox.add({ type: "set_status", id: uuid(), sheet: this.sheet, status, reason })
    this.changed()
  }

  setUnsure(unsure: boolean): void {
    if (this.refuseViewer()) return
    this.outbox.add({ type: "set_unsure", id: uuid(), sheet: this.sheet, unsure })
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

  /** Show what was fetched ahead; the room will tell what has changed since. */
  begin(ahead: Reading): void {
    this.known = true
    this.show(this.store.load(ahead), "remote")
    this.state.hear(ahead)
  }

  /** Enter the room, or ask again what was missed. */
  join(): void {
    this.catchUp.join()
  }

  /** The room is left, or the socket has closed. */
  part(): void {
    this.joined = false
    this.catchUp.part()
    this.outbox.closed()
    this.whereabouts.stop()
    this.others.here.clear()
    this.peerChanges.tell()
    this.changed()
  }

  /** Take over what a page that is gone had not sent. */
  adopt(messages: Kept[]): void {
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
        this.catchUp.advance(message, () => this.take(message.records))
        return this.changed()
      case "ack":
        return this.acknowledged(message)
      case "refused":
        if (message.code === "not_found" || message.code === "moved") return this.end(message.code, message.detail)
        this.take(message.records)
        this.refusals.hear(message)
        return this.changed()
      case "status_set":
        if (this.notices.heard && this.state.isNews(message, this.page.user))
          this.notify(words.finished(this.nameOf(message.actor), message.status))
        this.setServerStatus(message)
        this.catchUp.advance(message, () => undefined)
        return this.changed()
      case "role_set":
        this.role = message.role
        return this.changed()
      case "commented":
        return this.comments.tell()
      case "presences":
        this.catchUp.expect(message.clock)
    }
    if (this.others.hear(message, this.page.connection)) this.peerChanges.tell()
  }

  private hasJoined(message: Joined): void {
    this.catchUp.joined()
    this.joined = this.known = true
    this.ended = ""
    this.role = message.role
    this.past.reset(message.undoable, message.redoable)
    this.others.hear(message, this.page.connection)
    this.held.watch(() => this.show(this.store.load(message), "remote"))
    this.setServerStatus(message)
    this.outbox.opened()
    this.whereabouts.repeat()
    this.peerChanges.tell()
    this.comments.tell()
    this.changed()
  }

  private setServerStatus(message: Joined | StatusSet | CaughtUp): void {
    if (message.clock >= this.store.clock) this.state.hear(message)
  }

  private hasChanged(message: Changes): void {
    const fresh = message.clock > this.store.clock
    this.catchUp.advance(message, () => {
      for (const batch of message.batches) this.takeBatch(batch, fresh)
    })
    this.changed()
  }

  private takeBatch(batch: Applied, fresh: boolean): void {
    const entry = this.outbox.settle(batch.id)
    if (fresh && batch.actor === this.page.user) this.past.applied(batch, entry !== undefined)
    const records = batch.changes.map((change) => change.record)
    this.settled(entry, records)
    if (fresh && batch.source === "restore" && batch.actor !== this.page.user) this.tellRestored(batch)
    if (entry && batch.skipped.length) {
      const someone = this.nameOf(batch.skipped[0]?.actor ?? 0)
      this.notify(words.partlyTakenBack(someone, batch.skipped))
    }
  }

  private tellRestored({ actor, changes }: Applied): void {
    const gone = changes.filter(({ kind, record }) => kind === "delete" && record.created_by === this.page.user)
    this.notify(words.restored(this.nameOf(actor), gone.length))
  }

  private acknowledged(message: Ack): void {
    const entry = this.outbox.settle(message.id)
    this.settled(entry, message.records)
    if (entry && isSaying(entry.message)) this.state.hear(entry.message)
    else if (entry && !entry.late) this.countAcknowledged(entry.message, message)
    this.changed()
  }

  /** With records, it was carried out and its frame was overtaken [W2]; without, there was nothing to take back [U5]. */
  private countAcknowledged(asked: Request, { records, skipped }: Ack): void {
    if (isSaying(asked)) return
    if (records.length) return this.past.applied(actionOf(asked), true)
    if (asked.type !== "undo" && asked.type !== "redo") return
    const named = asked.type === "undo" && asked.action !== undefined
    if (!named) this.past.nothingTo(asked.type)
    if (named && !skipped.length) return // what it was about was refused, and that is told
    this.notify(words.nothingTakenBack(asked.type, this.nameOf(skipped[0]?.actor ?? 0), skipped))
  }

  private settled(entry: Entry | undefined, records: AnnotationRecord[]): void {
    this.held.watch(() => {
      const touched = new Set(this.store.take(records))
      if (entry) for (const id of this.store.remove(operationsOf(entry.message), true)) touched.add(id)
      this.show(touched, entry ? "local" : "remote")
    })
  }

  /** One's access has ended. What was not sent cannot be sent any more: it is kept as a file. */
  private end(code: Exclude<Ended, "">, why: string): void {
    const kept = [...this.outbox.clear(), ...this.refusals.clear()].filter(isKept)
    const news = !this.ended
    this.hide(kept.flatMap(operationsOf))
    this.page.setAside(kept, why)
    this.role = 0
    this.part()
    this.ended = code
    if (kept.length) this.notify(words.refusedLate(code, why))
    else if (news) this.notify(words.ended(code, why))
    this.catchUp.joinLater()
    this.changed() // the page may let go of it
  }

  // Parts -------------------------------------------------------------------------------------------------------------

  perform(asked: readonly Operation[]): void {
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
    if (!this.joined) return this.notify(words.offline())
    this.outbox.add(request)
    this.changed()
  }

  private refuseViewer(): boolean {
    const refused = this.ended !== "" || (this.role > 0 && this.role < ANNOTATOR)
    if (refused) this.notify(words.viewer())
    return refused
  }

  private take(records: AnnotationRecord[]): void {
    this.held.watch(() => this.show(this.store.take(records), "remote"))
  }

  /** Nobody may be looking at the sheet while what waited for it is sent. */
  notify(notice: Notice): void {
    if (this.notices.heard) this.notices.tell(notice)
    else this.page.notify(words.elsewhere(notice, this.item))
  }

  nameOf(user: number): string {
    return this.others.nameOf(user)
  }

  hide(operations: readonly OperationIn[]): void {
    this.show(this.store.remove(operations), "remote")
  }

  private show(ids: Touched, origin: ViewChange["origin"]): void {
    if (ids === "all" || ids.size) this.views.tell({ ids, origin })
  }

  changed(): void {
    this.states.tell()
    this.page.changed()
  }
}
