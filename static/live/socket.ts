/** The page's one WebSocket: says hello, notices when it is dead, and comes back. Knows no sheet. */

import { type Incoming, type Outgoing, PROTOCOL, type Welcome } from "./messages.gen"

/** `stopped`: only a reload helps. */
export type Link = "connecting" | "open" | "offline" | "signed_out" | "stopped"

/** As much of a WebSocket as is used here. */
export interface Wire {
  readonly bufferedAmount: number
  onopen: (() => void) | null
  onmessage: ((event: { data: string }) => void) | null
  onclose: ((event: { code: number }) => void) | null
  send(text: string): void
  close(): void
}

export interface SocketEvents {
  welcome(message: Welcome): void
  message(message: Outgoing): void
  /** The link has changed. `code` is the close code when the socket has closed. */
  link(link: Link, code?: number): void
  /** It has been quiet for long: ask something, so that a dead network shows. */
  quiet(): void
}

const SIGNED_OUT = 4401
const STOPS = new Set([4403, 4409])
const RESYNC = 4000
const FIRST_RETRY = 250
const SLOWEST_RETRY = 15_000
/** Milliseconds without an answer after which the network is taken for dead. */
const PATIENCE = 10_000
const QUIET = 25_000

export class Socket {
  link: Link = "connecting"
  private wire: Wire | null = null
  private attempts = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private watch: ReturnType<typeof setTimeout> | undefined
  private awaiting = false

  constructor(
    private readonly client: string,
    private readonly dial: () => Wire,
    private readonly events: SocketEvents,
  ) {}

  get backlog(): number {
    return this.wire?.bufferedAmount ?? 0
  }

  connect(): void {
    this.hangUp()
    const wire = this.dial()
    this.wire = wire
    this.expectAnswer()
    wire.onopen = () =>
      wire.send(JSON.stringify({ type: "hello", protocol: PROTOCOL, client: this.client } satisfies Incoming))
    wire.onmessage = ({ data }) => this.hear(data)
    wire.onclose = ({ code }) => this.closed(code)
  }

  /** `answered` says that the server will answer it: if nothing comes, the network is dead. */
  send(message: Incoming, answered = true): void {
    if (this.link !== "open") return
    this.wire?.send(JSON.stringify(message))
    if (answered) this.expectAnswer()
  }

  /** The network may be back, or the person looks at the page again and may have signed in elsewhere: try at once. */
  wake(): void {
    if (this.link === "offline" || this.link === "signed_out") {
      this.attempts = 0
      this.connect()
    }
  }

  /** The browser says that the network is gone. */
  sleep(): void {
    if (this.link === "open" || this.link === "connecting") this.closed(0)
  }

  stop(): void {
    this.hangUp()
    this.set("stopped")
  }

  private hear(data: string): void {
    for (const line of data.split("\n")) {
      if (!line) continue
      const message = JSON.parse(line) as Outgoing
      this.listen()
      if (message.type === "welcome") {
        this.set("open")
        this.events.welcome(message)
      } else {
        this.attempts = 0
        this.events.message(message)
      }
    }
  }

  private closed(code: number): void {
    this.hangUp()
    if (code === SIGNED_OUT) return this.set("signed_out", code)
    if (STOPS.has(code)) return this.set("stopped", code)
    const slowest = Math.min(FIRST_RETRY * 2 ** this.attempts, SLOWEST_RETRY)
    this.attempts += 1
    this.retry = setTimeout(() => this.connect(), code === RESYNC ? 0 : slowest * (0.5 + Math.random() / 2))
    this.set("offline", code)
  }

  private hangUp(): void {
    clearTimeout(this.retry)
    clearTimeout(this.watch)
    this.awaiting = false
    const wire = this.wire
    this.wire = null
    if (!wire) return
    wire.onopen = wire.onmessage = wire.onclose = null
    wire.close()
  }

  private set(link: Link, code?: number): void {
    this.link = link
    this.events.link(link, code)
  }

  private expectAnswer(): void {
    if (this.awaiting) return
    this.awaiting = true
    clearTimeout(this.watch)
    this.watch = setTimeout(() => this.closed(0), PATIENCE)
  }

  private listen(): void {
    this.awaiting = false
    clearTimeout(this.watch)
    this.watch = setTimeout(() => this.events.quiet(), QUIET)
  }
}
