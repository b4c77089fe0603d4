import { describe, expect, it } from "vitest"

import { beingMentioned, piecesOf, threadsOf, unreadOf, whoFits, type Member, type Said } from "./comments"

const member = (id: number, username: string, name: string): Member => ({ id, username, name, color: "#23a094" })
const ann = member(1, "ann", "Ann Lee")
const marie = member(2, "ann-marie", "Ann-Marie Berg")
const zoe = member(3, "zoë.k", "Zoë <b>K</b>")
const members = [ann, marie, zoe]

function said(id: number, more: Partial<Said> = {}): Said {
  const at = { created_at: "2026-01-31T12:00:00Z", edited_at: null, resolved_at: null, resolved_by: null }
  return { id, thread: id, annotation: null, place: null, author: ann, text: "A cup?", deleted: false, ...at, ...more }
}

describe("threads", () => {
  it("hold their answers in order, however they are mixed", () => {
    const threads = threadsOf([
      said(1),
      said(2),
      said(3, { thread: 1 }),
      said(4, { thread: 2 }),
      said(5, { thread: 1 }),
    ])

    expect(threads.map(({ comments }) => comments.map(({ id }) => id))).toEqual([
      [1, 3, 5],
      [2, 4],
    ])
  })

  it("are unread by what others have said since, and not deleted", () => {
    const comments = [said(1), said(2), said(3, { author: marie }), said(4, { author: marie, deleted: true })]

    expect(unreadOf({ sheet: 1, read: 1, comments }, marie.id).map(({ id }) => id)).toEqual([2])
    expect(unreadOf({ sheet: 1, read: 1, comments }, ann.id).map(({ id }) => id)).toEqual([3])
  })
})

describe("mentions", () => {
  it("are found as the longest name, between any signs", () => {
    const text = "@ann-marie, ask (@ann). Or @ZOË.K: 👍🏽@ann"

    const pieces = piecesOf(text, members)

    expect(pieces.map(({ text, person }) => (person ? person.id : text))).toEqual([
      2,
      ", ask (",
      1,
      "). Or ",
      3,
      ": 👍🏽",
      1,
    ])
    expect(pieces.find(({ person }) => person?.id === 3)?.text).toBe("@Zoë <b>K</b>")
  })

  it("are no addresses, no longer words and nobody unknown", () => {
    for (const text of ["me@ann", "@anna", "@annö", "@nobody", "@", "@@"])
      expect(piecesOf(text, members)).toEqual([{ text }])
  })

  it("are offered while a name is typed", () => {
    expect(beingMentioned("ask @an", 7)).toEqual({ at: 4, query: "an" })
    expect(beingMentioned("@", 1)).toEqual({ at: 0, query: "" })
    expect(beingMentioned("ask @an ", 8)).toBeNull()
    expect(beingMentioned("me@an", 5)).toBeNull()
    expect(whoFits("be", members)).toEqual([marie])
    expect(whoFits("", members)).toEqual(members)
  })
})
