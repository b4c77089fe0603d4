/** Wires between pages and the model server that deliver when told, and lose what they carry when cut. */

import type { Incoming, Outgoing } from "../messages.gen"
import type { Wire } from "../socket"
import type { Connection, ModelServer } from "./server"

export class Cable {
  wire: FakeWire | undefined
  online = true
  /** Delivers at once, both ways. */
  direct = true

  constructor(
    readonly server: ModelServer,
    readonly user: number,
  ) {}

  dial = (): Wire => {
    const wire = new FakeWire(this)
    if (this.online) this.wire = wire
    return wire
  }

  get up(): string[] {
    return this.wire?.up ?? []
  }

  get down(): Outgoing[] {
    return this.wire?.down ?? []
  }

  deliverUp(count = Infinity): void {
    const { wire } = this
    for (let n = 0; n < count && wire?.up.length; n++) wire.toServer(wire.up.shift() ?? "")
  }

  deliverDown(count = Infinity): void {
    const { wire } = this
    for (let n = 0; n < count && wire?.down.length; n++) {
      const message = wire.down.shift()
      if (message) wire.onmessage?.({ data: JSON.stringify(message) })
    }
  }

  /** What is on the wire is lost. */
  cut(code = 1006): void {
    const { wire } = this
    this.wire = undefined
    wire?.drop()
    wire?.onclose?.({ code })
  }

  goOffline(): void {
    this.online = false
    this.cut()
  }
}

let count = 0

export class FakeWire implements Wire, Connection {
  bufferedAmount = 0
  inRoom = false
  readonly name = `connection-${++count}`
  readonly up: string[] = []
  readonly down: Outgoing[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  constructor(private readonly cable: Cable) {
    if (cable.online) cable.server.attach(this)
    setTimeout(() => (cable.online ? this.onopen?.() : this.onclose?.({ code: 1006 })))
  }

  get user(): number {
    return this.cable.user
  }

  send(text: string): void {
    this.up.push(text)
    if (this.cable.direct) this.cable.deliverUp()
  }

  toServer(text: string): void {
    this.cable.server.receive(this, JSON.parse(text) as Incoming)
  }

  hear(message: Outgoing): void {
    this.down.push(message)
    if (this.cable.direct) this.cable.deliverDown()
  }

  close(): void {
    if (this.cable.wire === this) this.cable.wire = undefined
    this.drop()
  }

  drop(): void {
    this.up.length = this.down.length = 0
    this.cable.server.detach(this)
    this.inRoom = false
  }
}
