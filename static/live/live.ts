/** The page's live connection: one socket, one queue, a session for each sheet that is open or has something waiting. */

import type { Live, Notice, Reading, SaveState, SheetItem, SheetSession, Unsubscribe } from "./contract"
import { uuid } from "./ids"
import { type Incoming, type Outgoing, PROTOCOL, type Presence, type Welcome } from "./messages.gen"
import { idOf, type Kept, operationsIn, type Request } from "./outbox"
import { dialWebSocket, liveUrl, watchNetwork } from "./network"
import { Pace } from "./pace"
import type { Page } from "./page"
import { type Queue, type Row, StoredQueue } from "./queue"
import { Session } from "./session"
import { type Link, Socket, type Wire } from "./socket"
import { PatientTopic, Topic } from "./topic"
import * as words from "./words"

export interface LiveOptions {
  user: number
  url?: string
  /** Where the queue is kept, when not in IndexedDB. */
  storage?: (client: string) => Queue
  dial?: (url: string) => Wire
}

export function openLive(options: LiveOptions): Live {
  return new LivePage(options)
}

class LivePage implements Live, Page {
  readonly user: number
  readonly pace = new Pace()
  connection = ""

  private readonly client = uuid()
  private readonly socket: Socket
  private readonly queue: Queue
  private readonly sessions = new Map<number, Session>()
  private readonly opened = new Map<number, number>()
  /** How far one has seen each sheet that was left. */
  private readonly seen = new Map<number, number>()
  private readonly labels = new Topic()
  private readonly proposals = new Topic()
  private readonly states = new Topic()
  private readonly notices = new PatientTopic<Notice>()
  private readonly unlisten: Unsubscribe
  private rowsAside: Row[] = []
  private order = 0

  constructor({ user, url = liveUrl(), storage, dial = dialWebSocket }: LiveOptions) {
    this.user = user
    const trouble = (full: boolean) => this.notify(full ? words.storageFull() : words.noStorage())
    this.queue = storage?.(this.client) ?? new StoredQueue(user, this.client, trouble)
    this.socket = new Socket(this.client, () => dial(url), {
      welcome: (message) => this.welcomed(message),
      message: (message) => this.receive(message),
      link: (link, code) => this.linked(link, code),
      quiet: () => this.ask(),
    })
    this.unlisten = watchNetwork(
      () => this.socket.wake(),
      () => this.socket.sleep(),
    )
    void this.adopt()
    this.socket.connect()
  }

  // For the page ------------------------------------------------------------------------------------------------------

  open(item: SheetItem, ahead?: Reading): SheetSession {
    const { sheet } = item
    const session = this.session(item)
    if (ahead && !session.known && ahead.clock >= (this.seen.get(sheet) ?? 0)) session.begin(ahead)
    this.opened.set(sheet, (this.opened.get(sheet) ?? 0) + 1)
    if (this.link === "open" && !session.joined) session.join()
    return session
  }

  resume(): void {
    this.socket.wake()
  }

  get save(): SaveState {
    const { waiting, link } = this
    if (link === "signed_out") return { kind: "signed_out", waiting }
    if (link === "offline" || link === "stopped") return { kind: "offline", waiting }
    if (waiting > this.undecided.length) return { kind: "saving" }
    const unsaved = waiting + this.aside
    return unsaved ? { kind: "unsaved", waiting: unsaved } : { kind: "saved" }
  }

  get waiting(): number {
    return sum([...this.sessions.values()].map(({ outbox, conflicts }) => outbox.waiting + conflicts.length))
  }

  get undecided(): readonly SheetItem[] {
    return [...this.sessions.values()].flatMap(({ item, conflicts }) => conflicts.map(() => item))
  }

  get kept(): boolean {
    return this.waiting === 0 || this.queue.kept
  }

  get signOutWarning(): string | null {
    return words.signOut(this.waiting + this.aside)
  }

  get link(): Link {
    return this.socket.link
  }

  get aside(): number {
    return sum(this.rowsAside.map(({ message }) => operationsIn(message)))
  }

  get asideWhy(): readonly string[] {
    return [...new Set(this.rowsAside.map((row) => row.aside ?? words.olderPage()))]
  }

  asideFile(): string {
    return JSON.stringify({ user: this.user, rows: this.rowsAside }, null, 2)
  }

  discardAside(): void {
    this.queue.remove(this.rowsAside.splice(0).map((row) => row.id))
    this.states.tell()
  }

  onLabels = (listener: () => void) => this.labels.on(listener)
  onProposals = (listener: () => void) => this.proposals.on(listener)
  onState = (listener: () => void) => this.states.on(listener)
  onNotice = (listener: (notice: Notice) => void) => this.notices.on(listener)

  close(): void {
    this.unlisten()
    for (const session of this.sessions.values()) session.part()
    this.sessions.clear()
    this.socket.stop()
    this.queue.close()
  }

  // For the sessions --------------------------------------------------------------------------------------------------

  get backlog(): number {
    return this.socket.backlog
  }

  send(message: Request): void {
    this.socket.send(message)
  }

  join({ sheet, project }: SheetItem, since: number | null): void {
    this.socket.send({ type: "join", sheet, since, project })
  }

  tell(presence: Presence): void {
    this.socket.send(presence, false)
  }

  keep(messages: Kept[]): void {
    if (messages.length) this.queue.put(messages.map((message) => this.row(message)))
  }

  forget(ids: string[]): void {
    this.queue.remove(ids)
  }

  setAside(messages: Kept[], why: string): void {
    const rows = messages.map((message) => ({ ...this.row(message), aside: why }))
    this.queue.put(rows)
    this.rowsAside.push(...rows)
  }

  closeSheet(sheet: number): void {
    const times = (this.opened.get(sheet) ?? 0) - 1
    if (times > 0) this.opened.set(sheet, times)
    else this.opened.delete(sheet)
    this.changed()
  }

  notify(notice: Notice): void {
    this.notices.tell(notice)
  }

  changed(): void {
    for (const [sheet, session] of this.sessions) {
      if (!this.opened.get(sheet) && session.idle) this.leave(sheet, session)
    }
    this.states.tell()
  }

  // Parts -------------------------------------------------------------------------------------------------------------

  private session(item: SheetItem): Session {
    const session = this.sessions.get(item.sheet) ?? new Session(item, this)
    this.sessions.set(item.sheet, session)
    return session
  }

  private welcomed(message: Welcome): void {
    if (message.user !== this.user) {
      this.notify(words.someoneElse())
      return this.socket.stop()
    }
    if (this.connection) for (const missed of [this.labels, this.proposals]) missed.tell()
    this.connection = message.connection
    void this.adopt()
    for (const [sheet, session] of this.sessions)
      if (this.opened.get(sheet) || session.outbox.entries.length) session.join()
  }

  private receive(message: Outgoing): void {
    if (message.type === "labels_changed") return this.labels.tell()
    if (message.type === "proposals_changed") return this.proposals.tell()
    if ("sheet" in message && message.sheet !== null) this.sessions.get(message.sheet)?.receive(message)
  }

  private linked(link: Link, code = 0): void {
    if (code === 4409) this.notify(words.outdated())
    if (code === 4403) this.notify(words.foreign())
    if (link !== "open") for (const session of this.sessions.values()) session.part()
    this.states.tell()
  }

  /** Something to answer, so that a dead network shows. */
  private ask(): void {
    const joined = [...this.sessions.values()].find((session) => session.joined)
    joined?.join()
  }

  private async adopt(): Promise<void> {
    const rows = await this.queue.adopt()
    const readable = rows.filter(isReadable)
    for (const item of new Map(readable.map((row) => [row.message.sheet, row.item])).values()) {
      const session = this.session(item)
      session.adopt(readable.filter((row) => row.message.sheet === item.sheet).map((row) => row.message))
      if (this.link === "open" && !session.joined) session.join()
    }
    this.tellAside(rows.filter((row) => !isReadable(row)))
  }

  private tellAside(rows: Row[]): void {
    if (!rows.length) return
    this.rowsAside.push(...rows)
    this.notify(words.setAside(this.aside))
    this.states.tell()
  }

  private row(message: Kept): Row {
    this.order = Math.max(this.order + 1, Date.now() * 1_000)
    const { item } = this.sessions.get(message.sheet)!
    return { id: idOf(message), client: this.client, protocol: PROTOCOL, order: this.order, item, message }
  }

  /** Nobody looks at the sheet and nothing is on its way. */
  private leave(sheet: number, session: Session): void {
    this.seen.set(sheet, session.clock)
    if (!session.conflicts.length) this.sessions.delete(sheet)
    session.part()
    this.socket.send({ type: "leave", sheet } satisfies Incoming, false)
    if (session.conflicts.length) this.notify(words.conflictElsewhere(session.item))
  }
}

/** This page can send it. */
function isReadable(row: Row): row is Row & { item: SheetItem } {
  return row.protocol === PROTOCOL && row.item !== undefined && row.aside === undefined
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0)
}
