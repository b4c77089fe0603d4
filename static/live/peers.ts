/** Who else is in the room, and telling them where one is oneself. */

import type { Peer } from "./contract"
import type { Moved, Outgoing, Person, Presence } from "./messages.gen"
import type { Page } from "./page"

export class Peers {
  readonly here = new Map<string, Peer>()
  /** Names stay known after people have left: what they did is told with them. */
  private readonly names = new Map<number, string>()

  nameOf(user: number): string {
    return this.names.get(user) ?? "Someone else"
  }

  /** True when the message was about people. */
  hear(message: Outgoing, self: string): boolean {
    if (message.type === "joined") this.reset(message.people, self)
    else if (message.type === "arrived") this.add(message.person, self)
    else if (message.type === "left") this.here.delete(message.connection)
    else if (message.type === "presences") this.move(message.moved)
    else return false
    return true
  }

  private reset(people: readonly Person[], self: string): void {
    const before = new Map(this.here)
    this.here.clear()
    for (const person of people) this.add({ ...before.get(person.connection), ...person }, self)
  }

  private add(person: Person, self: string): void {
    this.names.set(person.user, person.name)
    if (person.connection !== self) this.here.set(person.connection, { ...this.here.get(person.connection), ...person })
  }

  private move(moved: readonly Moved[]): void {
    for (const { connection, ...where } of moved) {
      const peer = this.here.get(connection)
      if (peer) this.here.set(connection, { ...peer, ...where })
    }
  }
}

/** Milliseconds between two messages: 25 a second, where the server takes 30 [W11]. */
const INTERVAL = 40

/** Bytes waiting in the socket above which it waits, too. */
const BACKED_UP = 65_536

/** Ids of a selection that the others are told: all of it goes with every message. */
const MOST_SELECTED = 50

/** Tells at most 25 times a second where one is: what changes in between is merged. */
export class Whereabouts {
  private now: Omit<Presence, "type" | "sheet"> = {}
  private timer: ReturnType<typeof setTimeout> | undefined
  private last = -Infinity

  constructor(
    private readonly page: Page,
    private readonly sheet: number,
    private readonly isInRoom: () => boolean,
  ) {}

  set(presence: Omit<Presence, "type" | "sheet">): void {
    this.now = { ...this.now, ...presence }
    this.now.selection = this.now.selection?.slice(0, MOST_SELECTED)
    this.schedule()
  }

  /** One is new in the room: say again where one is. */
  repeat(): void {
    if (Object.keys(this.now).length) this.schedule()
  }

  stop(): void {
    clearTimeout(this.timer)
    this.timer = undefined
  }

  private schedule(): void {
    if (this.timer !== undefined) return
    const wait = this.last + INTERVAL - Date.now()
    if (wait <= 0) this.flush()
    else this.timer = setTimeout(() => this.flush(), wait)
  }

  private flush(): void {
    this.timer = undefined
    this.last = Date.now()
    if (!this.isInRoom()) return
    if (this.page.backlog > BACKED_UP) this.timer = setTimeout(() => this.flush(), INTERVAL)
    else this.page.tell({ type: "presence", sheet: this.sheet, ...this.now })
  }
}
