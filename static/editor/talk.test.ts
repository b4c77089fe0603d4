import { afterEach, beforeEach, expect, it, vi } from "vitest"

import { box, closeTab, ITEM, pass, settle, someone, type Someone } from "../live/testing/fixtures"
import { ModelServer } from "../live/testing/server"
import { Comments } from "./talk.svelte"

let alice: Someone
let comments: Comments
let posted: string[]

beforeEach(async () => {
  vi.useFakeTimers()
  vi.stubGlobal("fetch", (_: string, { method, body }: RequestInit = {}) => {
    if (method === "POST") posted.push((JSON.parse(String(body)) as { text: string }).text)
    return Promise.resolve(new Response(JSON.stringify({ sheet: 1, read: 0, comments: [] })))
  })
  alice = someone(new ModelServer(), 1)
  posted = []
  await pass()
  vi.stubGlobal("document", { cookie: "" })
  comments = new Comments(ITEM.id, 1, alice.session)
  alice.cable.direct = false
  alice.session.apply([box("a")])
})

afterEach(() => {
  comments.close()
  vi.unstubAllGlobals()
  closeTab(alice)
  vi.useRealTimers()
})

it("what is said of an annotation goes after the annotation itself, and anything else at once", async () => {
  void comments.say("Is this a cup?", { annotation: "a" })
  void comments.say("A fine photo", {})
  await pass()
  expect(posted).toEqual(["A fine photo"])

  settle(alice)
  await pass()
  expect(posted).toEqual(["A fine photo", "Is this a cup?"])
})

it("where the annotation cannot be sent now nobody waits for it", async () => {
  void comments.say("Is this a cup?", { annotation: "a" })
  alice.cable.cut()
  await pass()

  expect(posted).toEqual(["Is this a cup?"])
})
