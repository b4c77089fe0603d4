import fc from "fast-check"
import { describe, expect, it } from "vitest"

import { Camera } from "./camera"
import { fitted, framing, inReach, onDevice, seen, toImage, toScreen, zoomedAt, type View } from "./view"

const image = { width: 3840, height: 2160 }
const stage = { width: 1000, height: 700 }
const views = fc.record({
  scale: fc.double({ min: 0.05, max: 64, noNaN: true }),
  x: fc.integer({ min: -5000, max: 5000 }),
  y: fc.integer({ min: -5000, max: 5000 }),
})

describe("a view", () => {
  it("takes points to the screen and back", () => {
    fc.assert(
      fc.property(views, fc.integer({ max: 4000 }), fc.integer({ max: 4000 }), (view, x, y) => {
        const [backX, backY] = toImage(view, toScreen(view, [x, y]))
        expect(backX).toBeCloseTo(x, 4)
        expect(backY).toBeCloseTo(y, 4)
      }),
    )
  })

  it("fits the whole image into the stage, in its middle", () => {
    const view = fitted(image, stage)
    const { left, top, right, bottom } = seen(view, stage)
    expect(left).toBeLessThan(0)
    expect(left + right).toBeCloseTo(image.width)
    expect(top + bottom).toBeCloseTo(image.height)
  })

  it("keeps the point under the pointer when it zooms", () => {
    const at = [312, 208] as const
    let view: View = fitted(image, stage)
    const before = toImage(view, at)
    for (const factor of [1.3, 1.3, 0.5, 4]) view = zoomedAt(view, at, factor, image, stage)
    const after = toImage(view, at)
    expect(after[0]).toBeCloseTo(before[0])
    expect(after[1]).toBeCloseTo(before[1])
  })

  it("zooms no further than 64 and a quarter of the fit", () => {
    const view = fitted(image, stage)
    expect(zoomedAt(view, [0, 0], 1e9, image, stage).scale).toBe(64)
    expect(zoomedAt(view, [0, 0], 1e-9, image, stage).scale).toBeCloseTo(view.scale / 4)
  })

  it("never loses the image from the stage", () => {
    fc.assert(
      fc.property(views, (view) => {
        const { left, top, right, bottom } = seen(inReach(view, image, stage), stage)
        return right >= 0 && bottom >= 0 && left <= image.width && top <= image.height
      }),
    )
  })

  it("shows bounds whole and in the middle when it frames them", () => {
    const bounds = { left: 100, top: 100, right: 300, bottom: 200 }
    const { left, top, right, bottom } = seen(framing(bounds, stage), stage)
    expect([left, right]).toEqual([100, 300])
    expect(top + bottom).toBeCloseTo(300)
  })

  it("stands on whole device pixels", () => {
    expect(onDevice({ scale: 0.5, x: 10.3, y: -4.6 }, 1.5)).toEqual({ scale: 0.75, x: 15, y: -7 })
  })
})

describe("a camera", () => {
  const camera = () => {
    const moves: boolean[] = []
    const made = new Camera(image, (byHand) => moves.push(byHand))
    made.resize(stage, 1)
    return { camera: made, moves }
  }

  it("keeps fitting while the stage changes its size, until somebody moves it", () => {
    const { camera: it } = camera()
    it.resize({ width: 500, height: 700 }, 1)
    expect(it.view.scale).toBeCloseTo(fitted(image, { width: 500, height: 700 }).scale)
    it.zoomBy(2)
    const { scale } = it.view
    it.resize(stage, 1)
    expect(it.view.scale).toBe(scale)
  })

  it("glides to where somebody else looks, and stays when one's own hand moves it", () => {
    const { camera: it, moves } = camera()
    it.follow({ left: 100, top: 100, right: 300, bottom: 200 })
    while (it.glide());
    expect(it.seen.left).toBeCloseTo(100, 0)
    expect(moves.includes(true)).toBe(false)
    it.follow({ left: 0, top: 0, right: 3840, bottom: 2160 })
    it.panBy(5, 0)
    expect(it.glide()).toBe(false)
    expect(moves.at(-1)).toBe(true)
  })

  it("reveals by moving when there is room, by zooming out when there is none", () => {
    const { camera: it } = camera()
    it.zoomBy(8)
    const { scale } = it.view
    it.reveal({ left: 0, top: 0, right: 50, bottom: 50 })
    expect(it.view.scale).toBe(scale)
    expect(it.seen.left).toBeLessThanOrEqual(0)
    it.reveal({ left: 0, top: 0, right: 3840, bottom: 2160 })
    expect(it.view.scale).toBeLessThan(scale)
  })

  it("reveals above what covers the lower part of the stage", () => {
    const { camera: it } = camera()
    const bounds = { left: 10, right: 10, top: 2000, bottom: 2000 }
    const { scale } = it.view
    it.reveal(bounds, it.stage.height - 100)
    expect(it.view.scale).toBe(scale)
    expect(toScreen(it.view, [10, 2000])[1]).toBeCloseTo(50, 0)
  })
})
