/** Texts with what was found in them. The server counts code points. */

import { Offsets } from "../editor/text/offsets"
import type { Found } from "./preview.svelte"

export interface Piece {
  text: string
  /** What covers it, the shortest last. */
  found: readonly Found[]
}

const LONGEST = 80

export function quotes(text: string, found: readonly Found[]): string[] {
  const offsets = new Offsets(text)
  return found.map(({ place: [start = 0, end = 0] }) => {
    const quote = text.slice(offsets.toUnits(start), offsets.toUnits(Math.min(end, start + LONGEST)))
    return end - start > LONGEST ? `${quote}…` : quote
  })
}

/** The text in pieces, each with what covers it. */
export function pieces(text: string, found: readonly Found[]): Piece[] {
  const offsets = new Offsets(text)
  const units = found.map((one) => ({
    one,
    start: offsets.toUnits(one.place[0]!),
    end: offsets.toUnits(one.place[1]!),
  }))
  const at = [...new Set([0, text.length, ...units.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b)
  return at.slice(0, -1).map((start, n) => ({
    text: text.slice(start, at[n + 1]),
    found: units
      .filter((each) => each.start <= start && each.end >= at[n + 1]!)
      .sort((a, b) => b.end - b.start - (a.end - a.start))
      .map(({ one }) => one),
  }))
}
