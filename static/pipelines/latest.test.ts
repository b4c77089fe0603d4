import { afterEach, beforeEach, expect, test, vi } from "vitest"

import { Latest } from "./latest"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test("only the newest question is sent once it is quiet, and an answer that is overtaken is dropped", async () => {
  const answers = new Map<string, (answer: string) => void>()
  const taken: string[] = []
  const send = (asked: string) => new Promise<string>((resolve) => answers.set(asked, resolve))
  const latest = new Latest(
    send,
    (answer) => void taken.push(answer),
    () => undefined,
    100,
  )

  latest.ask("a")
  latest.ask("b")
  await vi.advanceTimersByTimeAsync(100)
  latest.ask("c")
  await vi.advanceTimersByTimeAsync(100)
  answers.get("b")?.("of b")
  answers.get("c")?.("of c")
  await vi.advanceTimersByTimeAsync(0)

  expect([...answers.keys()]).toEqual(["b", "c"])
  expect(taken).toEqual(["of c"])
})
