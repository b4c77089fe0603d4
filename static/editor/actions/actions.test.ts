// @vitest-environment jsdom
import { beforeEach, describe, expect, it, vi } from "vitest"

import { openLive } from "../../live/live"
import { Disk } from "../../live/testing/disk"
import type { AnnotationRecord } from "../../live/contract"
import type { Attribute, Label, OpenItem, StageCommands } from "../contract"
import { Editor } from "../editor.svelte"
import { RESERVED_KEYS, type KeyPress } from "../keys"
import { actionFor, actionsOf, isOffered, mayRun } from "."
import { nextValue } from "./attributes"

const labels: Label[] = [
  { id: 1, name: "Face", color: "#f4b740", hotkey: "q", shapes: ["rectangle", "span"], attributes: [], removed: false },
  { id: 2, name: "Suit", color: "#c48bff", hotkey: "r", shapes: ["polygon"], attributes: [], removed: false },
  { id: 3, name: "blurred", color: "#e0567a", hotkey: "2", shapes: ["tag"], attributes: [], removed: false },
  { id: 4, name: "Old", color: "#e0567a", hotkey: "", shapes: ["rectangle"], attributes: [], removed: true },
]

/** An editor whose socket never opens: nobody answers. */
function editorOf(kind: "image" | "text", role = 20): Editor {
  const silent = {
    bufferedAmount: 0,
    onopen: null,
    onmessage: null,
    onclose: null,
    send: () => undefined,
    close: () => undefined,
  }
  const live = openLive({ user: 1, url: "ws://nobody", storage: new Disk().open, dial: () => silent })
  const user = { id: 1, name: "Bob", color: "#23a094", username: "bob" }
  const project = { id: 1, name: "Kitchen", guidelines: "", guidelines_read: "", role, is_demo: false }
  const item = { id: 7, kind, name: "photo", previous: 6, next: 8 } as OpenItem
  const editor = new Editor({ user, project, labels, item }, live)
  editor.item = item
  editor.state.start(kind)
  return editor
}

function press(key: string, held: Partial<KeyPress> = {}): KeyPress {
  return { key, code: "", ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held }
}

const meant = (editor: Editor, event: KeyPress) => actionFor(actionsOf(editor), event)?.action.id

beforeEach(() => {
  localStorage.clear()
  vi.stubGlobal("fetch", () => Promise.reject(new Error("There is no server.")))
})

describe("actions", () => {
  it("have ids of their own, and no two of one item have the same letter", () => {
    for (const kind of ["image", "text"] as const) {
      const actions = actionsOf(editorOf(kind)).filter(isOffered)
      const keys = actions.flatMap((action) => action.keys).filter((key) => key.length === 1)

      expect(new Set(actions.map((action) => action.id)).size).toBe(actions.length)
      expect(new Set(keys).size).toBe(keys.length)
    }
  })

  it("reserve exactly the letters, digits and signs they have", () => {
    const own = actionsOf(editorOf("image")).filter((action) => action.group !== "labels")
    const keys = own.flatMap((action) => action.keys).filter((key) => key.length === 1)

    expect(new Set(keys)).toEqual(RESERVED_KEYS)
  })

  it("offer the tools of the item, and of labels that are not removed", () => {
    const offered = (editor: Editor) => {
      const tools = actionsOf(editor).filter((action) => action.group === "tools" && action.icon && isOffered(action))
      return tools.map(({ id }) => id)
    }

    expect(offered(editorOf("image"))).toEqual(["select", "rectangle", "polygon", "tags"])
    expect(offered(editorOf("text"))).toEqual(["select", "span", "tags"])
    expect(offered(editorOf("image", 10))).toEqual([])
  })

  it("of labels come with keys that collide with none", () => {
    const keys = actionsOf(editorOf("image"))
      .filter((action) => action.group === "labels")
      .map((action) => [action.title, ...action.keys])

    expect(keys).toEqual([["Label Face", "Q"], ["Label Suit"], ["Tag blurred", "2"]])
  })

  it("let a viewer look and go on, and no more", () => {
    const ids = actionsOf(editorOf("image", 10))
      .filter(mayRun)
      .map(({ id }) => id)

    expect(ids).toEqual(expect.arrayContaining(["next", "guidelines", "history", "palette", "keys"]))
    expect(ids).not.toEqual(expect.arrayContaining(["done"]))
    for (const id of ["rectangle", "delete", "undo", "skip", "label-1"]) expect(ids).not.toContain(id)
  })
})

describe("a key", () => {
  it("moves the selection, or goes to the next item when nothing is selected", () => {
    const editor = editorOf("image")
    expect(meant(editor, press("ArrowRight"))).toBe("next")

    editor.state.selection = new Set(["a"])
    expect(meant(editor, press("ArrowRight"))).toBe("nudge")
    expect(meant(editor, press("ArrowRight", { shiftKey: true }))).toBe("nudge")
  })

  it("does nothing where its action may not run", () => {
    expect(meant(editorOf("image"), press("z", { ctrlKey: true }))).toBeUndefined()
    expect(meant(editorOf("text"), press("r"))).toBeUndefined()
  })

  it("Escape gives up one thing at a time: shape, following, selection, tool", () => {
    const editor = editorOf("image")
    let drawing = true
    editor.stage = { cancel: () => drawing && !(drawing = false) } as StageCommands
    editor.follow("peer")
    editor.state.selection = new Set(["a"])
    const escape = () => actionFor(actionsOf(editor), press("Escape"))?.action.run()
    const rest = () => [drawing, editor.state.following, editor.state.selection.size, editor.state.tool]

    escape()
    expect(rest()).toEqual([false, "peer", 1, "rectangle"])
    escape()
    expect(rest()).toEqual([false, null, 1, "rectangle"])
    escape()
    expect(rest()).toEqual([false, null, 0, "rectangle"])
    escape()
    expect(rest()).toEqual([false, null, 0, "select"])
  })
})

describe("done", () => {
  it.each([
    ["leads on to the next item", false, "The server cannot be reached. Try again in a moment."],
    ["leaves who goes on with it where they are", true, "photo is done. You went on with it, so it stays open."],
  ])("%s", async (_what, works, told) => {
    const editor = editorOf("image")
    const stage = document.body.appendChild(document.createElement("main"))
    stage.dataset.region = "stage"

    editor.setStatus("done")
    expect(editor.leaving.busy).toBe(true)
    if (works) stage.dispatchEvent(new Event("pointerdown", { bubbles: true }))
    stage.remove()

    await vi.waitFor(() => expect(editor.toasts.shown.map(({ text }) => text)).toContain(told))
    expect([editor.leaving.busy, editor.item?.id]).toEqual([false, 7])
  })
})

describe("the key of an attribute", () => {
  const annotated = (...values: (string | boolean | undefined)[]) =>
    values.map((value) => ({ attributes: value === undefined ? {} : { a: value } }) as unknown as AnnotationRecord)
  const choice: Attribute = { id: "a", name: "Occluded", kind: "choice", options: ["No", "Partly"] }
  const checkbox: Attribute = { id: "a", name: "Glasses", kind: "checkbox" }

  it.each([
    ["from none to the first option", choice, annotated(undefined), "No"],
    ["to the next option", choice, annotated("No"), "Partly"],
    ["after the last option to none", choice, annotated("Partly"), null],
    ["to the first option for annotations that differ", choice, annotated("No", "Partly"), "No"],
    ["from nothing said to yes", checkbox, annotated(undefined), true],
    ["from yes to no", checkbox, annotated(true), false],
    ["to yes for annotations that differ", checkbox, annotated(true, false), true],
  ])("goes %s", (_how, attribute, records, value) => {
    expect(nextValue(attribute, records)).toBe(value)
  })
})

describe("tool and label", () => {
  it("always fit each other", () => {
    const { state } = editorOf("image")
    state.chooseLabel(labels[1]!, "image")
    expect(state.tool).toBe("polygon")

    state.chooseTool("rectangle", "image")
    expect(state.label?.name).toBe("Face")
  })

  it("are taken up again on the next item, as far as it has them", () => {
    editorOf("image").state.chooseLabel(labels[1]!, "image")

    expect(editorOf("image").state.label?.name).toBe("Suit")
    expect(editorOf("text").state.label?.name).toBe("Face")
    expect(editorOf("text").state.tool).toBe("span")
  })
})
