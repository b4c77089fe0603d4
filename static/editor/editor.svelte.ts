/** The editor: an item, its sheet, the state and what a person can do with them. The components only show it. */

import { createContext, tick, untrack } from "svelte"
import { SvelteMap } from "svelte/reactivity"

import type { AnnotationRecord, Id, Live, Notice, Operation, Peer, SheetItem } from "../live/contract"
import { ANNOTATOR, REVIEWER } from "../live/roles"
import { isFinished, type StatusName } from "../live/statuses"
import { get } from "../ui/api"
import { t } from "../ui/strings"
import { Toasts } from "../ui/toasts.svelte"
import { actionsOf } from "./actions"
import type { Member } from "./comments"
import { Comments } from "./talk.svelte"
import { labelKeys, RESERVED_KEYS } from "./keys"
import type { Bootstrap, Label, OpenItem, PersonInfo, StageCommands, Tool } from "./contract"
import { isForNext } from "./drawn"
import { duplicate, relabel, remove, setAttribute, toggleTag, type Value } from "./edits"
import { Labels } from "./labels.svelte"
import { Leaving } from "./leaving.svelte"
import { Link } from "./link.svelte"
import { inOrder } from "./order"
import { pathOf } from "./paths"
import { Panels } from "./panels.svelte"
import { Guidelines } from "./guidelines.svelte"
import { keepItem, openItem, prefetchBeside, refreshItem, takeReading } from "./prefetch"
import { Sheet } from "./sheet.svelte"
import { Suggestions } from "./suggestions.svelte"
import { isTag, State, TOOLS, toolsOf } from "./state.svelte"

export const [useEditor, provideEditor] = createContext<Editor>()

export class Editor {
  readonly me
  readonly project
  readonly guidelines: Guidelines
  readonly link: Link
  readonly toasts = new Toasts()
  readonly leaving = new Leaving(this)
  readonly suggestions = new Suggestions(this)
  readonly panels = new Panels(() => this.#mustFinish())
  readonly state: State
  /** Everyone of whom a name is known, by user. */
  readonly people = new SvelteMap<number, PersonInfo>()
  /** Who can be mentioned. */
  members = $state.raw<Member[]>([])

  item = $state.raw<OpenItem | null>(null)
  sheet = $state.raw<Sheet | null>(null)
  comments = $state.raw<Comments | null>(null)
  stage = $state.raw<StageCommands | null>(null)
  /** Why there is no item to show. */
  trouble = $state.raw<{ why: string; again: () => void } | null>(null)

  /** The name of the person who is followed. */
  #followed = ""
  #turn = 0
  #deaf: (() => void)[]
  #leaveSheet: () => void = () => undefined
  readonly #labels: Labels

  constructor(
    bootstrap: Bootstrap,
    readonly live: Live,
  ) {
    this.me = bootstrap.user
    this.project = bootstrap.project
    this.guidelines = new Guidelines(this.project, () => this.labels.values())
    this.people.set(this.me.id, this.me)
    this.#labels = new Labels(this.project.id, bootstrap.labels)
    keepItem(bootstrap.item)
    this.state = new State(this.project.id, () => this.labels)
    this.#deaf = [
      live.onLabels(() => this.#askAnew()),
      live.onProposals(() => this.suggestions.changed()),
      live.onNotice((notice) => this.#tell(notice)),
    ]
    this.link = new Link(live)
    void this.#fetchPeople()
  }

  /** By id. */
  readonly actions = $derived(new Map(actionsOf(this).map((action) => [action.id, action])))
  readonly labelKeys = $derived(labelKeys(this.usable, RESERVED_KEYS))

  get labels(): ReadonlyMap<number, Label> {
    return this.#labels.byId
  }

  /** Labels that can be put on this item, in the project's order: those with a shape first, then mere tags. */
  get usable(): Label[] {
    const labels = [...this.labels.values()].filter((label) => !label.removed)
    return [
      ...labels.filter((label) => this.draws(label)),
      ...labels.filter((label) => !this.draws(label) && isTag(label)),
    ]
  }

  /** Drawing tools of this item that some label allows. */
  get tools(): Tool[] {
    const labels = this.usable
    return this.item ? TOOLS[this.item.kind].filter((tool) => labels.some((label) => label.shapes.includes(tool))) : []
  }

  get tagLabels(): Label[] {
    return [...this.labels.values()].filter((label) => !label.removed && isTag(label))
  }

  /** Can the label be drawn on this item? */
  draws(label: Label): boolean {
    return this.item !== null && toolsOf(label, this.item.kind).length > 0
  }

  /** Before the room has answered, the role the page was loaded with. */
  get role(): number {
    return this.sheet?.ended ? 0 : this.sheet?.role || this.project.role
  }

  get writable(): boolean {
    return this.role >= ANNOTATOR && !this.closed
  }

  /** Accepted: only reviewers change it now. */
  get closed(): boolean {
    return this.sheet?.status === "accepted" && this.role >= ANNOTATOR && this.role < REVIEWER
  }

  get finished(): boolean {
    return isFinished(this.sheet?.status ?? "todo")
  }

  /** A reviewer can say now whether it is good. */
  get toReview(): boolean {
    return this.role >= REVIEWER && (this.sheet?.status === "done" || this.sheet?.status === "skipped")
  }

  /** Nothing is left to do here for who has come to work, or one is about to leave. */
  get goesOn(): boolean {
    return this.leaving.busy || (this.finished && !this.toReview && this.role >= ANNOTATOR)
  }

  /** What is next is what waits to be judged. */
  get judges(): boolean {
    return this.role >= REVIEWER
  }

  get selected(): AnnotationRecord[] {
    const records = this.sheet?.records
    return [...this.state.selection].flatMap((id) => records?.get(id) ?? [])
  }

  /** The label that all of the selection have. */
  readonly selectedLabel = $derived.by(() => {
    const ids = new Set(this.selected.map((record) => record.label))
    return ids.size === 1 ? this.labels.get([...ids][0]!) : undefined
  })

  /**
   * For an effect: keeps the sheet subscribed, so that what is read outside of effects is never old, and lets go of
   * what is gone: selected annotations and the person who is followed.
   */
  watch(): void {
    const { sheet, state } = this
    if (!sheet) return
    const { records, peers } = sheet
    for (const { user: id, name, color } of peers.values()) {
      if (!untrack(() => this.people.has(id))) this.people.set(id, { id, name, color })
    }
    const there = [...state.selection].filter((id) => records.has(id))
    if (there.length < state.selection.size) state.selection = new Set(there)
    if (state.following && !peers.has(state.following)) untrack(() => this.#loseSight())
  }

  // Items -------------------------------------------------------------------------------------------------------------

  async open(id: number, { push = true } = {}): Promise<void> {
    if (push && this.#mustFinish()) return
    const turn = ++this.#turn
    const item = await openItem(id).catch((error: Error) => this.#couldNotOpen(id, push, error.message))
    if (!item || turn !== this.#turn) return
    const leave = this.#leaveSheet
    if (this.item) this.panels.leave()
    this.trouble = null
    this.item = item
    this.#enter(item)
    this.state.start(item.kind)
    if (push) history.pushState(null, "", pathOf(id))
    void prefetchBeside(item).then(() => this.#refresh(turn, id))
    await tick() // as it goes, the stage sends what it still holds
    leave()
  }

  #enter(item: OpenItem): void {
    const { sheet, id, project, name } = item
    const session = this.live.open({ sheet, id, project, name }, takeReading(item))
    const deaf = session.onNotice((notice) => this.#tell(notice))
    this.sheet = new Sheet(session)
    this.suggestions.enter(item)
    const comments = (this.comments = new Comments(id, this.me.id, session))
    this.#leaveSheet = () => {
      comments.close()
      session.close()
      deaf()
    }
  }

  /** The item that is open stays. */
  #couldNotOpen(id: number, push: boolean, why: string): void {
    const again = () => void this.open(id, { push })
    if (this.item) this.toasts.show("bad", why, { title: t("Try again"), run: again })
    else this.trouble = { why, again }
  }

  /** Neighbours may have come or gone since the item was fetched ahead. */
  async #refresh(turn: number, id: number): Promise<void> {
    const item = await refreshItem(id).catch(() => null)
    if (item && turn === this.#turn && this.item) {
      const { previous, next, index, count } = item
      this.item = { ...this.item, previous, next, index, count }
    }
  }

  /** Another project's items have labels of their own: they get a page of their own. */
  openElsewhere({ id, project }: SheetItem): void {
    if (project === this.project.id) void this.open(id)
    else location.assign(`/projects/${project}/items/${id}/`)
  }

  goNext(): void {
    if (this.item?.next) void this.open(this.item.next)
  }

  goPrevious(): void {
    if (this.item?.previous) void this.open(this.item.previous)
  }

  setStatus(status: StatusName, reason?: string): void {
    const leaves = isFinished(status) || status === "returned"
    if (leaves && this.#mustFinish()) return
    this.sheet?.session.setStatus(status, reason)
    if (leaves) this.leaving.said(status)
  }

  /** To what waits next. */
  goOn(): void {
    if (!this.#mustFinish()) this.leaving.onward()
  }

  /** Enter: done, or on to the next one where it is already. */
  finishItem(): unknown {
    if (this.goesOn) return this.goOn()
    return this.finished ? false : this.setStatus("done")
  }

  /** A begun polygon is not thrown away by the way: the person is told what to do first. */
  #mustFinish(): boolean {
    const unfinished = this.stage?.unfinished === true
    if (unfinished) this.toasts.show("warn", t("Finish the shape (Enter) or give it up (Esc) first."))
    return unfinished
  }

  /** What someone else has changed too, on this item or another: choose. */
  decide(): void {
    const [elsewhere] = this.live.undecided
    if (this.sheet?.conflicts.length) this.panels.show("conflicts")
    else if (elsewhere) this.openElsewhere(elsewhere)
  }

  // Annotations -------------------------------------------------------------------------------------------------------

  apply(operations: Operation[]): void {
    if (this.writable && operations.length) this.sheet?.session.apply(operations)
  }

  /** The next shape gets the label, and so does what one has selected; a mere tag is set or taken off. */
  pickLabel(label: Label): void {
    if (!this.item || !this.writable) return
    if (!this.draws(label)) return this.toggleTag(label)
    if (!label.shapes.some((shape) => shape === this.state.tool) && this.#mustFinish()) return
    const forNext = isForNext(this, label)
    this.state.chooseLabel(label, this.item.kind)
    if (forNext) return
    const { operations, refused } = relabel(this.selected, label)
    this.apply(operations)
    // Words that are marked wait for nothing but a label.
    if (this.item.kind === "text" && !this.selected.length) this.stage?.finish()
    if (refused.length) {
      const shape = refused[0]!.shape.type
      this.toasts.show(
        "warn",
        t("{label} does not take the shape {shape}, so it keeps its label.", { label: label.name, shape: t(shape) }),
      )
    }
  }

  pickTool(tool: Tool): void {
    if (!this.item || (tool !== this.state.tool && this.#mustFinish())) return
    this.state.chooseTool(tool, this.item.kind)
  }

  toggleTag(label: Label): void {
    if (this.sheet) this.apply([toggleTag(this.sheet.records.values(), label)])
  }

  setAttribute(id: string, value: Value): void {
    this.apply(setAttribute(this.selected, id, value))
  }

  removeSelected(): void {
    this.apply(remove(this.selected))
    this.select([])
  }

  duplicateSelected(): void {
    if (!this.item) return
    const copies = duplicate(this.selected, this.item)
    this.apply(copies)
    if (copies.length) this.select(copies.map((copy) => copy.annotation))
  }

  select(ids: Iterable<Id>, { reveal = false } = {}): void {
    this.state.selection = new Set(ids)
    if (reveal) this.stage?.reveal([...this.state.selection])
  }

  /** The annotation after or before the selected one; false at either end, so that Tab can leave the stage. */
  selectBeside(step: 1 | -1): boolean {
    const order = this.ordered
    const at = order.findIndex((record) => this.state.selection.has(record.id))
    const next = order[at === -1 ? (step === 1 ? 0 : order.length - 1) : at + step]
    if (next) this.select([next.id], { reveal: true })
    return next !== undefined
  }

  /** Shapes and spans as the list shows them. */
  get ordered(): AnnotationRecord[] {
    return inOrder(this.sheet?.records.values() ?? [])
  }

  /** How many these are. */
  get placed(): number {
    return [...(this.sheet?.records.values() ?? [])].filter(({ shape }) => shape.type !== "tag").length
  }

  // People ------------------------------------------------------------------------------------------------------------

  nameOf(user: number): string {
    return user === this.me.id ? t("You") : (this.people.get(user)?.name ?? t("Someone"))
  }

  /** The other people on the sheet, each once, however many pages they have open. */
  get others(): Peer[] {
    const byUser = new Map<number, Peer>()
    for (const peer of this.sheet?.peers.values() ?? []) {
      if (peer.user !== this.me.id && (!byUser.has(peer.user) || peer.connection === this.state.following))
        byUser.set(peer.user, peer)
    }
    return [...byUser.values()]
  }

  follow(connection: string | null): void {
    this.state.following = connection
    this.#followed = (connection && this.sheet?.peers.get(connection)?.name) || ""
  }

  #loseSight(): void {
    const name = this.#followed
    this.follow(null)
    this.toasts.show("info", t("{name} has left this item, so you no longer follow them.", { name }))
  }

  #askAnew(): void {
    for (const { asked } of [this.#labels, this.guidelines]) void asked.fetch()
  }

  async #fetchPeople(): Promise<void> {
    const members = await get<{ user: Member }[]>(`/api/projects/${this.project.id}/members/`).catch(() => [])
    for (const { user } of members) this.people.set(user.id, user)
    this.members = members.map(({ user }) => user)
  }

  // -------------------------------------------------------------------------------------------------------------------

  #tell({ tone, code, text, annotation, item }: Notice): void {
    const show = annotation && { title: t("Show"), run: () => this.select([annotation], { reveal: true }) }
    const open = item && { title: t("Open it"), run: () => this.openElsewhere(item) }
    const onward = code === "finished" && this.goesOn && { title: t("Next item"), run: () => this.goOn() }
    if (code === "restored") this.toasts.restored()
    this.toasts.show(tone, text, open || show || onward || undefined, annotation)
  }

  close(): void {
    this.#leaveSheet()
    this.suggestions.close()
    for (const stop of this.#deaf) stop()
    for (const { asked } of [this.#labels, this.guidelines]) asked.close()
    this.live.close()
  }
}
