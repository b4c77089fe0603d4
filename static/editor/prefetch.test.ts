import { afterEach, beforeEach, expect, it, vi } from "vitest"

import type { OpenItem } from "./contract"
import { imageOf, prefetchBeside, takeReading } from "./prefetch"

const photo = (id: number): OpenItem =>
  ({
    id,
    sheet: id,
    kind: "image",
    media: `/media/${id}`,
    width: 40,
    height: 30,
    previous: id - 1,
    next: id + 1,
  }) as OpenItem

/** A server that has every photo, and a browser that takes a while to decode one. */
beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal("fetch", (path: string) => {
    const id = Number(/\d+/.exec(path))
    return Promise.resolve(path.startsWith("/api") ? Response.json(photo(id)) : new Response(String(id)))
  })
  vi.stubGlobal("createImageBitmap", async () => {
    await new Promise((decoded) => setTimeout(decoded, 50))
    return { width: 40, height: 30, close: () => undefined }
  })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

it("the photo one looks at stays, however quickly one came to it", async () => {
  const opened = [11, 12, 13, 14].map((id) => {
    void prefetchBeside(photo(id))
    return imageOf(photo(id))
  })
  await vi.advanceTimersByTimeAsync(1_000)

  const shown = await opened.at(-1)

  expect(shown?.atLeast(40)).not.toBeNull()
  expect(await imageOf(photo(14))).toBe(shown)
})

it("what is labelled on the neighbours is there when one comes, and is asked for anew the next time", async () => {
  void prefetchBeside(photo(20))
  await vi.advanceTimersByTimeAsync(1_000)

  const ahead = [19, 21, 23].map((id) => takeReading(photo(id)) !== undefined)

  expect(ahead).toEqual([true, true, false])
  expect(takeReading(photo(21))).toBeUndefined()
})

it("what comes when one is on the neighbour already is not kept for the next time", async () => {
  const answer = fetch
  vi.stubGlobal("fetch", async (path: string) => {
    if (path.includes("annotations")) await new Promise((slow) => setTimeout(slow, 200))
    return answer(path)
  })
  void prefetchBeside(photo(30))
  await vi.advanceTimersByTimeAsync(150)
  void prefetchBeside(photo(31))
  await vi.advanceTimersByTimeAsync(1_000)

  expect([32, 31].map((id) => takeReading(photo(id)) !== undefined)).toEqual([true, false])
})
