/** Two people at random, with everything a network does to them: in the end both screens and the server agree. */

import fc from "fast-check"
import { expect, test, vi } from "vitest"
import type { Operation } from "./contract"
import type { Outgoing } from "./messages.gen"
import { box, closeTab, move, pass, relabel, remove, someone, type Someone } from "./testing/fixtures"
import { ModelServer } from "./testing/server"

type Step =
  | { do: "create" | "undo" | "redo" | "cut" | "offline" | "online" | "reload" | "too fast" | "beat"; who: 0 | 1 }
  | {
      do: "move" | "relabel" | "describe" | "delete" | "restore" | "hold" | "release"
      who: 0 | 1
      which: number
      value: number
    }
  | { do: "up" | "down" | "wait" | "lose" | "repeat" | "swap" | "choose"; who: 0 | 1; value: number }

const who = fc.constantFrom<0 | 1>(0, 1)
const value = fc.nat(9)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("create" as const), who }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constantFrom("undo" as const, "redo" as const), who }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("cut", "offline", "online", "online", "reload", "too fast", "beat"),
      who,
    }),
  },
  {
    weight: 12,
    arbitrary: fc.record({
      do: fc.constantFrom("move", "move", "relabel", "describe", "delete", "restore", "hold", "release"),
      who,
      which: fc.nat(5),
      value,
    }),
  },
  {
    weight: 14,
    arbitrary: fc.record({
      do: fc.constantFrom("up", "up", "down", "down", "wait", "lose", "repeat", "swap", "choose"),
      who,
      value,
    }),
  },
)

class World {
  readonly server = new ModelServer()
  readonly people: [Someone, Someone] = [this.arrive(1), this.arrive(2)]
  /** All boxes ever drawn, and those that were taken back before they were sent. */
  readonly drawn: string[] = []
  readonly withdrawn = new Set<string>()
  private chosen = 0

  async run(steps: readonly Step[]): Promise<void> {
    await this.heal()
    for (const { cable } of this.people) cable.direct = false
    for (const one of steps) await this.take(one)
    await this.heal()
  }

  close(): void {
    this.people.forEach(closeTab)
  }

  private arrive(user: number, before?: Someone): Someone {
    const arrived = someone(this.server, user, before?.disk)
    if (before) Object.assign(arrived.cable, { direct: before.cable.direct, online: before.cable.online })
    return arrived
  }

  private async take(step: Step): Promise<void> {
    const person = this.people[step.who]
    const { cable, session } = person
    if ("which" in step) {
      const annotation = this.drawn[step.which]
      if (annotation !== undefined) this.edit(person, step.do, annotation, step.value)
    } else if (step.do === "create") this.draw(person)
    else if (step.do === "undo" || step.do === "redo") this.takeBack(person, step.do)
    else if (step.do === "cut") cable.cut()
    else if (step.do === "offline") cable.goOffline()
    else if (step.do === "online") cable.online = true
    else if (step.do === "too fast") this.server.tooFast += 1
    else if (step.do === "beat") this.server.beat()
    else if (step.do === "up") cable.deliverUp(step.value)
    else if (step.do === "down") cable.deliverDown(step.value)
    else if (step.do === "choose") session.conflicts[0]?.keep(step.value % 2 ? "mine" : "theirs")
    else if (step.do === "lose") this.lose(person, step.value)
    else if (step.do === "repeat") repeat(cable.down, step.value % 3)
    else if (step.do === "swap") swap(cable.down, step.value % 3)
    else if (step.do === "reload") {
      closeTab(person)
      this.people[step.who] = this.arrive(step.who + 1, person)
    }
    await pass("value" in step && step.do === "wait" ? step.value * 200 : 1)
  }

  private edit({ session }: Someone, what: string, annotation: string, number: number): void {
    if (what === "hold") return session.hold(annotation)
    if (what === "release") return session.release(annotation)
    const operations: { [what: string]: Operation } = {
      move: move(annotation, number),
      relabel: relabel(annotation, number),
      describe: { type: "update", annotation, attributes: { [`attribute-${number % 3}`]: number % 4 || null } },
      delete: remove(annotation),
      restore: { type: "restore", annotation },
    }
    const operation = operations[what]
    const there = what === "restore" ? this.server.records.has(annotation) : session.records.has(annotation)
    if (operation && there) session.apply([operation])
  }

  private draw({ session }: Someone): void {
    const id = `box-${this.drawn.length}`
    this.drawn.push(id)
    session.apply([box(id)])
  }

  private takeBack({ session }: Someone, what: "undo" | "redo"): void {
    const before = new Set(session.records.keys())
    session[what]()
    for (const id of before) if (!session.records.has(id)) this.withdrawn.add(id)
    for (const id of session.records.keys()) this.withdrawn.delete(id)
  }

  /** The channel layer loses what others did; one's own answers come by the socket itself. */
  private lose({ session, cable }: Someone, number: number): void {
    const message = cable.down[number % 3]
    if (message?.type !== "changes") return
    const user = session === this.people[0].session ? 1 : 2
    if (message.batches.every((batch) => batch.actor !== user)) cable.down.splice(number % 3, 1)
  }

  private async heal(): Promise<void> {
    this.server.tooFast = 0
    for (const { cable } of this.people) Object.assign(cable, { online: true })
    for (let round = 0; round < 60; round++) {
      for (const { cable, session } of this.people) {
        cable.deliverUp()
        cable.deliverDown()
        session.conflicts[0]?.keep(this.chosen++ % 2 ? "mine" : "theirs")
        this.drawn.forEach((id) => session.release(id))
      }
      if (round % 5 === 0) this.server.beat()
      await pass(1_000)
    }
  }
}

function repeat(down: Outgoing[], number: number): void {
  const message = down[number]
  if (message?.type === "changes") down.push(message)
}

function swap(down: Outgoing[], number: number): void {
  const [one, other] = [down[number], down[number + 1]]
  if (one?.type === "changes" && other?.type === "changes") down.splice(number, 2, other, one)
}

test("[W1-W8] [U1-U5] [G1] whatever is lost, repeated, reordered, cut or reloaded, all end equal and nothing is lost", async () => {
  vi.useFakeTimers()
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120, size: "max" }), async (steps) => {
      const world = new World()
      try {
        await world.run(steps)

        const { server, people, drawn, withdrawn } = world
        for (const { session, live, disk } of people) {
          expect(new Map([...session.records].sort())).toEqual(new Map([...server.alive()].sort()))
          expect(session.clock).toBe(server.clock)
          expect(live.save).toEqual({ kind: "saved" })
          expect(live.waiting).toBe(0)
          expect(disk.rows.size).toBe(0)
        }
        const lost = drawn.filter((id) => !server.records.has(id) && !withdrawn.has(id))
        expect(lost).toEqual([])
        expect(new Set(server.log.map(({ change }) => change.id)).size).toBe(server.log.length)
      } finally {
        world.close()
      }
    }),
    { numRuns: Number(process.env.LIVE_RUNS ?? 150) },
  )
  vi.useRealTimers()
}, 120_000)
