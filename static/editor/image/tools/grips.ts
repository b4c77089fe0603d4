/** Which handles the one selected shape shows at this scale, and which of them a hand means. */

import type { Id } from "../../../live/contract"
import type { Point } from "../../contract"
import { distance } from "../geometry"
import { kindOf, type Handle, type ImageShape } from "../shapes"
import { reach, type Desk, type Press } from "./tool"

/** A handle in the hand. `offset` is from the hand to the handle, so that nothing jumps. */
export interface Grip {
  readonly id: Id
  readonly key: string
  readonly shape: ImageShape
  readonly cursor: string
  readonly offset: Point
}

/** CSS pixels a side must have before a handle fits on it. */
const ROOM: Readonly<Record<Handle["kind"], number>> = { corner: 0, vertex: 5, side: 48, middle: 32 }

/** The handles that have room. */
export function handlesShown(shape: ImageShape, scale: number): Handle[] {
  return kindOf(shape)
    .handles(shape)
    .filter(({ kind, room }) => room * scale >= ROOM[kind])
}

export function grip(desk: Desk, press: Press): Grip | null {
  const { state, scene, scale } = desk
  const chosen = state.suggestion === null ? [...state.selection] : [state.suggestion]
  const drawn = state.writable && chosen.length === 1 ? scene.get(chosen[0]!) : undefined
  if (!drawn) return null
  const inside = kindOf(drawn.shape).distance(drawn.shape, press.at) === 0
  const { left, top, right, bottom } = drawn.bounds
  // Inside a small shape the handles leave a middle free to move it by.
  const smallest = Math.min(right - left, bottom - top) * scale
  let nearest: Handle | null = null
  let least = Math.min(reach(press), inside ? Math.max(4, smallest / 3) : Infinity)
  for (const handle of handlesShown(drawn.shape, scale)) {
    const away = distance(handle.at, press.at) * scale
    // Vertices come after middles and win where both are as near.
    if (away <= least) [nearest, least] = [handle, away]
  }
  if (!nearest) return null
  const offset: Point = [nearest.at[0] - press.at[0], nearest.at[1] - press.at[1]]
  return { id: drawn.id, key: nearest.key, shape: drawn.shape, cursor: nearest.cursor, offset }
}
