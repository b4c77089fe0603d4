import { afterEach, beforeEach, describe, expect, it, vi } from "vitest"

import { pass } from "../../../live/testing/fixtures"
import { ModelServer } from "../../../live/testing/server"
import { click, drag, FACE, press, workplace, type Workplace } from "../testing/desk"
import { PolygonTool } from "./polygon"
import { RectangleTool } from "./rectangle"
import { SelectTool } from "./select"

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

async function at(tool: "select" | "rectangle" | "polygon", server = new ModelServer()): Promise<Workplace> {
  const place = workplace(tool, server)
  await pass()
  return place
}

/** Boxes on the sheet, by their ids. */
function boxes({ me, state }: Workplace, ...all: [id: string, x: number, y: number, size: number][]): void {
  const create = ([id, x, y, size]: (typeof all)[number]) => ({
    ...{ type: "create" as const, annotation: id, label: 1 },
    shape: { type: "rectangle" as const, x, y, width: size, height: size },
  })
  me.session.apply(all.map(create))
  state.selection = new Set()
}

const corners = [
  [10, 10],
  [100, 10],
  [100, 80],
] as const

const box = (x: number, y: number, width: number, height: number) => ({ type: "rectangle", x, y, width, height })

describe("the rectangle tool", () => {
  it("draws by dragging and selects what it drew", async () => {
    const { desk, shapes, state, me } = await at("rectangle")
    drag(new RectangleTool(desk), [10, 20], [60, 50])
    expect(shapes()).toEqual([box(10, 20, 50, 30)])
    expect([...state.selection]).toEqual([...me.session.records.keys()])
  })

  it("draws by two taps, and a tap alone makes no box", async () => {
    const { desk, shapes } = await at("rectangle")
    const tool = new RectangleTool(desk)
    click(tool, [10, 20], { touch: true })
    expect(shapes()).toEqual([])
    expect(tool.sketch.corner).toEqual([10, 20])
    click(tool, [60, 50], { touch: true })
    expect(shapes()).toEqual([box(10, 20, 50, 30)])
    expect(tool.sketch).toEqual({})
  })

  it("keeps the box inside the image, also when it begins outside", async () => {
    const { desk, shapes } = await at("rectangle")
    drag(new RectangleTool(desk), [-30, -30], [900, 900])
    expect(shapes()).toEqual([box(0, 0, 400, 300)])
  })

  it("refuses a box without height with a sentence", async () => {
    const { desk, shapes, said } = await at("rectangle")
    drag(new RectangleTool(desk), [10, 20], [60, 20])
    expect(shapes()).toEqual([])
    expect(said).toEqual(["A box needs a width and a height. Drag from one corner to the other."])
  })

  it("keeps the first corner when a second finger takes the view along", async () => {
    const { desk, shapes } = await at("rectangle")
    const tool = new RectangleTool(desk)
    click(tool, [10, 20], { touch: true })
    tool.down(press(80, 80, { touch: true }))
    tool.interrupt()
    click(tool, [60, 50], { touch: true })
    expect(shapes()).toEqual([box(10, 20, 50, 30)])
  })

  it("gives up on Escape", async () => {
    const { desk, shapes } = await at("rectangle")
    const tool = new RectangleTool(desk)
    tool.down(press(10, 10))
    tool.move(press(50, 50))
    expect(tool.cancel()).toBe(true)
    tool.up(press(50, 50))
    expect(shapes()).toEqual([])
    expect(tool.cancel()).toBe(false)
  })

  it("asks for a label that takes boxes", async () => {
    const { desk, shapes, said, state } = await at("rectangle")
    state.label = { ...FACE, shapes: ["polygon"] }
    drag(new RectangleTool(desk), [10, 20], [60, 50])
    expect(shapes()).toEqual([])
    expect(said[0]).toMatch("Face takes another shape")
  })
})

describe("a shape whose label was removed while it was drawn", () => {
  const mended = { ...FACE, id: 2, name: "Head" }

  it("stays as a box until another label is chosen", async () => {
    const { desk, shapes, said, state } = await at("rectangle")
    const tool = new RectangleTool(desk)
    tool.down(press(10, 20))
    tool.move(press(60, 50))
    state.label = null
    tool.up(press(60, 50))
    expect(said).toEqual(["Choose a label first: its shape takes it."])
    state.label = mended
    click(tool, [60, 50])
    expect(shapes()).toEqual([box(10, 20, 50, 30)])
  })

  it("stays as a polygon until another label is chosen", async () => {
    const { desk, shapes, said, state } = await at("polygon")
    const tool = new PolygonTool(desk)
    corners.forEach((corner) => click(tool, corner))
    state.label = null
    tool.finish()
    expect(said).toEqual(["Choose a label first: its shape takes it."])
    state.label = mended
    tool.finish()
    expect(shapes()).toEqual([{ type: "polygon", points: corners }])
  })
})

describe("the polygon tool", () => {
  it.each([
    ["a click on its first corner", (tool: PolygonTool) => click(tool, [12, 11])],
    ["a second click on its last corner", (tool: PolygonTool) => click(tool, [100, 80])],
    ["Enter", (tool: PolygonTool) => void tool.finish()],
  ])("draws corner by corner and is closed by %s", async (_how, close) => {
    const { desk, shapes } = await at("polygon")
    const tool = new PolygonTool(desk)
    corners.forEach((corner) => click(tool, corner))
    close(tool)
    expect(shapes()).toEqual([{ type: "polygon", points: corners }])
    expect(tool.cancel()).toBe(false)
  })

  it("takes back the last corner", async () => {
    const { desk, shapes } = await at("polygon")
    const tool = new PolygonTool(desk)
    corners.forEach((corner) => click(tool, corner))
    click(tool, [300, 200])
    expect(tool.stepBack()).toBe(true)
    tool.finish()
    expect(shapes()).toEqual([{ type: "polygon", points: corners }])
  })

  it("refuses an outline that crosses itself and loses nothing of it", async () => {
    const { desk, shapes, said } = await at("polygon")
    const tool = new PolygonTool(desk)
    for (const corner of [
      [10, 10],
      [100, 80],
      [100, 10],
      [10, 80],
    ] as const)
      click(tool, corner)
    tool.finish()
    expect(shapes()).toEqual([])
    expect(said[0]).toMatch("crosses itself")
    tool.stepBack()
    tool.finish()
    expect(shapes()).toEqual([
      {
        type: "polygon",
        points: [
          [10, 10],
          [100, 80],
          [100, 10],
        ],
      },
    ])
  })

  it("keeps its corners when a finger that pans was not a tap", async () => {
    const { desk } = await at("polygon")
    const tool = new PolygonTool(desk)
    click(tool, [10, 10], { touch: true })
    tool.down(press(50, 50, { touch: true }))
    tool.interrupt()
    expect(tool.sketch.shape).toEqual({ type: "polygon", points: [[10, 10]] })
  })
})

describe("the select tool", () => {
  it("selects the smallest on top, and goes through what lies there by further clicks", async () => {
    const place = await at("select")
    boxes(place, ["large", 0, 0, 200], ["small", 50, 50, 20])
    const tool = new SelectTool(place.desk)
    click(tool, [60, 60])
    expect([...place.state.selection]).toEqual(["small"])
    click(tool, [61, 60])
    expect([...place.state.selection]).toEqual(["large"])
    click(tool, [61, 60])
    expect([...place.state.selection]).toEqual(["small"])
  })

  it("adds and takes away with Shift, and clears on empty ground", async () => {
    const place = await at("select")
    boxes(place, ["a", 0, 0, 20], ["b", 100, 100, 20])
    const tool = new SelectTool(place.desk)
    click(tool, [10, 10])
    click(tool, [110, 110], { shift: true })
    expect([...place.state.selection]).toEqual(["a", "b"])
    click(tool, [10, 10], { shift: true })
    expect([...place.state.selection]).toEqual(["b"])
    click(tool, [300, 200])
    expect(place.state.selection.size).toBe(0)
  })

  it("moves what is selected together, no further than the image goes, as one action", async () => {
    const place = await at("select")
    boxes(place, ["a", 10, 10, 20], ["b", 100, 100, 20])
    place.state.selection = new Set(["a", "b"])
    drag(new SelectTool(place.desk), [20, 20], [-500, 30])
    expect(place.shapes()).toEqual([box(0, 20, 20, 20), box(90, 110, 20, 20)])
    place.me.session.undo()
    await pass()
    expect(place.shapes()).toEqual([box(10, 10, 20, 20), box(100, 100, 20, 20)])
  })

  it("resizes by a handle without a jump, however the hand missed its middle", async () => {
    const place = await at("select")
    boxes(place, ["a", 100, 100, 80])
    place.state.selection = new Set(["a"])
    drag(new SelectTool(place.desk), [183, 178], [203, 218])
    expect(place.shapes()).toEqual([box(100, 100, 100, 120)])
  })

  it("draws a band round what it wants", async () => {
    const place = await at("select")
    boxes(place, ["a", 10, 10, 20], ["b", 100, 100, 20], ["c", 300, 200, 20])
    drag(new SelectTool(place.desk), [1, 1], [200, 200])
    expect([...place.state.selection].sort()).toEqual(["a", "b"])
  })

  it("leaves empty ground and what is not selected to the finger that pans", async () => {
    const place = await at("select")
    boxes(place, ["a", 10, 10, 50])
    const tool = new SelectTool(place.desk)
    expect(tool.down(press(300, 200, { touch: true }))).toBe("tap")
    tool.interrupt()
    expect(tool.down(press(30, 30, { touch: true }))).toBe("tap")
    tool.up(press(30, 30, { touch: true }))
    expect([...place.state.selection]).toEqual(["a"])
    expect(tool.down(press(35, 35, { touch: true }))).toBe("drag")
  })

  it("moves, adds and removes the corners of a polygon", async () => {
    const place = await at("select")
    const points: [number, number][] = [
      [10, 10],
      [110, 10],
      [110, 110],
      [10, 110],
    ]
    place.me.session.apply([{ type: "create", annotation: "p", label: 1, shape: { type: "polygon", points } }])
    place.state.selection = new Set(["p"])
    const tool = new SelectTool(place.desk)
    drag(tool, [110, 10], [150, 5])
    expect(place.shapes()).toEqual([
      {
        type: "polygon",
        points: [
          [10, 10],
          [150, 5],
          [110, 110],
          [10, 110],
        ],
      },
    ])
    drag(tool, [10, 60], [2, 60])
    const five = [
      [10, 10],
      [150, 5],
      [110, 110],
      [10, 110],
      [2, 60],
    ]
    expect(place.shapes()).toEqual([{ type: "polygon", points: five }])
    click(tool, [2, 60], { alt: true })
    click(tool, [150, 5])
    expect(tool.picked?.key).toBe("v1")
    expect(tool.stepBack()).toBe(true)
    expect(place.shapes()).toEqual([
      {
        type: "polygon",
        points: [
          [10, 10],
          [110, 110],
          [10, 110],
        ],
      },
    ])
  })

  it("removes a corner by a double-click, and none by two slow clicks", async () => {
    const place = await at("select")
    const points = [...corners, [10, 80]].map(([x, y]) => [x!, y!] as [number, number])
    place.me.session.apply([{ type: "create", annotation: "p", label: 1, shape: { type: "polygon", points } }])
    place.state.selection = new Set(["p"])
    const tool = new SelectTool(place.desk)
    click(tool, [100, 10])
    await pass(1000)
    click(tool, [100, 10])
    expect(place.shapes()).toEqual([{ type: "polygon", points }])
    click(tool, [100, 10])
    expect(place.shapes()).toEqual([{ type: "polygon", points: points.toSpliced(1, 1) }])
  })

  it("refuses to drag a corner across the outline, and nothing is lost", async () => {
    const place = await at("select")
    const points: [number, number][] = [
      [10, 10],
      [110, 10],
      [110, 110],
      [10, 110],
    ]
    place.me.session.apply([{ type: "create", annotation: "p", label: 1, shape: { type: "polygon", points } }])
    place.state.selection = new Set(["p"])
    drag(new SelectTool(place.desk), [10, 10], [200, 60])
    expect(place.shapes()).toEqual([{ type: "polygon", points }])
    expect(place.said[0]).toMatch("crosses itself")
  })

  it("lets a viewer select but move nothing", async () => {
    const place = await at("select")
    boxes(place, ["a", 10, 10, 50])
    place.state.writable = false
    const tool = new SelectTool(place.desk)
    expect(tool.down(press(30, 30))).toBe("tap")
    tool.up(press(30, 30))
    expect([...place.state.selection]).toEqual(["a"])
  })
})

describe("a suggestion", () => {
  async function suggested(tool: "select" | "rectangle") {
    const place = await at(tool)
    const one = { prediction: "p", annotation: "s", label: 1, score: 0.9, run: 1, state: "open" as const }
    const all = new Map([["s", { ...one, shape: { type: "rectangle" as const, x: 50, y: 50, width: 40, height: 40 } }]])
    place.desk.scene.suggest(all, place.me.session.records)
    return place
  }

  it("is selected by a click, and let go by one beside it", async () => {
    const { desk, state } = await suggested("select")
    const tool = new SelectTool(desk)
    click(tool, [60, 60])
    expect([state.suggestion, state.selection.size]).toEqual(["s", 0])
    click(tool, [300, 200])
    expect(state.selection.size).toBe(0)
  })

  it("is accepted with the shape that one drags it to, once it is selected", async () => {
    const { desk, state, shapes, me } = await suggested("select")
    const tool = new SelectTool(desk)
    drag(tool, [60, 60], [80, 60])
    expect(shapes()).toEqual([])
    state.suggestion = "s"
    drag(tool, [70, 70], [90, 70])
    expect(shapes()).toEqual([box(70, 50, 40, 40)])
    expect(me.session.records.get("s")?.prediction).toBe("p")
    expect([...state.selection]).toEqual(["s"])
  })

  it("lies under boxes that one draws, and a mouse's click means it", async () => {
    const { desk, state, shapes } = await suggested("rectangle")
    const tool = new RectangleTool(desk)
    drag(tool, [55, 55], [75, 75])
    expect(shapes()).toEqual([box(55, 55, 20, 20)])
    click(tool, [60, 60])
    expect([state.suggestion, tool.sketch.corner]).toEqual(["s", undefined])
    click(tool, [60, 60], { touch: true })
    expect(tool.sketch.corner).toEqual([60, 60])
  })
})

describe("live", () => {
  it("holds what it drags: someone else's change waits, one's own wins on release and theirs shows on Escape", async () => {
    const server = new ModelServer()
    const place = await at("select", server)
    boxes(place, ["a", 10, 10, 50])
    await pass()
    const bob = await at("select", server)
    const tool = new SelectTool(place.desk)
    tool.down(press(30, 30))
    tool.move(press(40, 30))
    bob.desk.reshape(new Map([["a", { type: "rectangle", x: 200, y: 200, width: 50, height: 50 }]]))
    await pass()
    expect(place.shapes()).toEqual([box(10, 10, 50, 50)])
    tool.cancel()
    expect(place.shapes()).toEqual([box(200, 200, 50, 50)])
  })

  it("moves by the arrow keys as one action, inside the image", async () => {
    const place = await at("select")
    boxes(place, ["a", 10, 10, 50])
    place.state.selection = new Set(["a"])
    for (let presses = 0; presses < 20; presses++) place.desk.nudge(-1, 1)
    expect(place.shapes()).toEqual([box(10, 10, 50, 50)])
    await pass(500)
    expect(place.shapes()).toEqual([box(0, 30, 50, 50)])
    place.me.session.undo()
    await pass()
    expect(place.shapes()).toEqual([box(10, 10, 50, 50)])
  })
})
