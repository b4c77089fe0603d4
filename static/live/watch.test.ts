import { afterEach, beforeEach, expect, test, vi } from "vitest"

import type { Outgoing } from "./messages.gen"
import type { Wire } from "./socket"
import { watchProject } from "./watch"

class Line implements Wire {
  bufferedAmount = 0
  readonly said: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number }) => void) | null = null

  send(text: string): void {
    this.said.push((JSON.parse(text) as { type: string }).type)
  }

  close(): void {
    this.said.push("closed")
  }

  hear(...messages: Outgoing[]): void {
    for (const message of messages) this.onmessage?.({ data: JSON.stringify(message) })
  }

  open(): void {
    this.onopen?.()
    this.hear({ type: "welcome", protocol: 1, connection: "c", user: 1 }, { type: "watching", project: 7 })
  }
}

const PROPOSALS: Outgoing = { type: "proposals_changed", project: 7 }
let lines: Line[]
let stop: () => void
const changed = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  changed.mockClear()
  lines = []
  stop = watchProject(7, changed, { every: 1000, dial: () => lines[lines.push(new Line()) - 1]! })
})
afterEach(() => {
  stop()
  vi.useRealTimers()
})

test("what comes first is told at once, and what follows on its heels once, a second later", () => {
  lines[0]!.open()
  expect(lines[0]!.said).toEqual(["hello", "watch"])

  lines[0]!.hear(PROPOSALS)
  vi.advanceTimersByTime(0)
  expect(changed).toHaveBeenCalledTimes(1)

  lines[0]!.hear(PROPOSALS, { type: "items_changed", project: 7 }, PROPOSALS)
  vi.advanceTimersByTime(999)
  expect(changed).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(1)
  expect(changed).toHaveBeenCalledTimes(2)
})

test("what was missed while the network was away is made up for", () => {
  lines[0]!.open()
  vi.advanceTimersByTime(0)
  expect(changed).not.toHaveBeenCalled()

  lines[0]!.onclose?.({ code: 1006 })
  vi.advanceTimersByTime(1000)
  lines[1]!.open()
  vi.advanceTimersByTime(0)

  expect(changed).toHaveBeenCalledTimes(1)
})

test("who looks no more hangs up", () => {
  lines[0]!.open()
  lines[0]!.hear(PROPOSALS)

  stop()
  vi.advanceTimersByTime(5000)

  expect(lines[0]!.said.at(-1)).toBe("closed")
  expect(changed).not.toHaveBeenCalled()
})
