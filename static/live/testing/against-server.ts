/** Two people at work on one sheet of the real server, by the sockets of Node, with cuts. Run by tests/test_live_in_node.py. */

import { writeFileSync } from "node:fs"
import { expect, test, vi } from "vitest"
import type { SheetSession } from "../contract"
import { openLive } from "../live"
import type { Wire } from "../socket"
import { Disk } from "./disk"
import { box, move, remove } from "./fixtures"

interface Place {
  sheet: number
  project: number
  label: number
  people: { user: number; url: string; headers: Record<string, string> }[]
  /** Where the two screens are written down in the end. */
  screens: string
  seed: number
  /** How much they do together; what a slow machine takes to join does not count. */
  acts: number
}

const PATIENCE = { timeout: 40_000, interval: 100 }

const place = JSON.parse(process.env.LIVE_PLACE ?? "{}") as Place

test("two people work at once, are cut off now and then, and end with the same screen", async () => {
  const random = randomFrom(place.seed)
  const wires: (Wire | undefined)[] = []
  const lives = place.people.map(({ user, url, headers }, who) => {
    const dial = () => (wires[who] = new WebSocket(url, { headers } as never) as unknown as Wire)
    return openLive({ user, url, storage: new Disk().open, dial })
  })
  const sessions = lives.map((live) =>
    live.open({ sheet: place.sheet, id: 0, project: place.project, name: "photo.png" }),
  )

  await vi.waitFor(() => expect(sessions.every(({ joined }) => joined)).toBe(true), PATIENCE)

  for (let acts = 0; acts < place.acts;) {
    const who = random(2)
    const wire = wires[who]
    const session = sessions[who]
    if (wire && random(40) === 0) {
      wire.onmessage = null // what the server answers now is lost
      wire.close()
    } else if (session?.joined) {
      act(session, random)
      acts += 1
    }
    await new Promise((resolve) => setTimeout(resolve, random(10)))
  }

  const screens = () => sessions.map(({ records }) => [...records.values()].sort((a, b) => (a.id < b.id ? -1 : 1)))
  await vi.waitFor(() => {
    for (const session of sessions) session.conflicts[0]?.keep("mine")
    expect(lives.map(({ save }) => save.kind)).toEqual(["saved", "saved"])
    expect(sessions[0]?.clock).toBe(sessions[1]?.clock)
    expect(screens()[0]).toEqual(screens()[1])
  }, PATIENCE)
  writeFileSync(place.screens, JSON.stringify({ clock: sessions[0]?.clock, records: screens()[0] }))
  for (const live of lives) live.close()
}, 120_000)

function act(session: SheetSession, random: (below: number) => number): void {
  const ids = [...session.records.keys()]
  const id = ids[random(ids.length)]
  const what = random(12)
  if (what === 0) session.undo()
  else if (what === 1) session.redo()
  else if (what < 5 || id === undefined)
    session.apply([{ ...box(crypto.randomUUID(), random(500)), label: place.label } as never])
  else if (what === 5) session.apply([remove(id)])
  else if (what < 9) session.apply([move(id, random(500))])
  else session.apply([{ type: "update", annotation: id, attributes: { note: String(random(9)) } }])
}

/** The same numbers for the same seed (mulberry32). */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}
