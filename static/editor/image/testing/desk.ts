/** A desk on a real session of the model server: what the tools do is what the sheet holds. */

import { someone, type Someone } from "../../../live/testing/fixtures"
import { ModelServer } from "../../../live/testing/server"
import type { EditorState, Label, OpenItem, Tool as ToolName } from "../../contract"
import { Camera } from "../camera"
import { SheetDesk } from "../desk"
import { onImage } from "../geometry"
import { Scene } from "../scene"
import type { ImageShape } from "../shapes"
import type { Press, Tool } from "../tools/tool"

export const IMAGE = { width: 400, height: 300 }

export const FACE: Label = {
  id: 1,
  name: "Face",
  color: "#f4b740",
  hotkey: "f",
  shapes: ["rectangle", "polygon"],
  attributes: [],
  removed: false,
}

const ITEM: OpenItem = {
  ...{ id: 1, project: 1, kind: "image", name: "photo.jpg", text: null, ...IMAGE, media: "/media", thumbnail: null },
  ...{ sheet: 7, previous: null, next: null, index: 1, count: 1 },
}

export interface Workplace {
  desk: SheetDesk
  me: Someone
  state: EditorState
  said: string[]
  shapes(): ImageShape[]
}

export function workplace(tool: ToolName = "select", server = new ModelServer()): Workplace {
  const me = someone(server, 1)
  const said: string[] = []
  const state: EditorState = {
    ...{
      tool,
      label: FACE,
      selection: new Set<string>(),
      suggestion: null,
      drawn: null,
      hovered: null,
      following: null,
      writable: true,
      awaitsCorner: false,
    },
  }
  const labels = new Map([[FACE.id, FACE]])
  const scene = new Scene()
  scene.reset(me.session.records, labels)
  me.session.onView(({ ids }) =>
    ids === "all" ? scene.reset(me.session.records, labels) : scene.update(me.session.records, ids),
  )
  const notify = (_tone: string, text: string) => said.push(text)
  const props = {
    item: ITEM,
    session: me.session,
    labels,
    suggestions: new Map(),
    state,
    notify,
    register: () => undefined,
  }
  const desk = new SheetDesk(props, scene, new Camera(IMAGE, () => undefined), () => undefined)
  const shapes = () => [...me.session.records.values()].map(({ shape }) => shape as ImageShape)
  return { desk, me, state, said, shapes }
}

export function press(x: number, y: number, how: Partial<Press> = {}): Press {
  return { at: onImage(x, y), screen: [x, y], touch: false, shift: false, alt: false, ...how }
}

type Place = readonly [x: number, y: number]

export function drag(tool: Tool, from: Place, to: Place, how: Partial<Press> = {}): void {
  tool.down(press(...from, how))
  tool.move(press((from[0] + to[0]) / 2, (from[1] + to[1]) / 2, how))
  tool.move(press(...to, how))
  tool.up(press(...to, how))
}

export function click(tool: Tool, at: Place, how: Partial<Press> = {}): void {
  tool.down(press(...at, how))
  tool.up(press(...at, how))
}
