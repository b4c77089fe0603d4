/** What is drawn on a card: outlines as one path a colour, spans as pieces of the snippet, what is suggested beside them. */

import { Offsets } from "../editor/text/offsets"
import type { Outline, Stretch } from "./contract"

export interface Path {
  color: string
  d: string
}

export function paths(outlines: readonly Outline[]): Path[] {
  const byColor = new Map<string, string>()
  for (const { color, ring } of outlines) {
    const corners: string[] = []
    for (let i = 0; i + 1 < ring.length; i += 2) corners.push(`${ring[i]} ${ring[i + 1]}`)
    if (corners.length) byColor.set(color, `${byColor.get(color) ?? ""}M${corners.join("L")}Z`)
  }
  return [...byColor].map(([color, d]) => ({ color, d }))
}

export interface Piece {
  text: string
  /** That of the shortest span here; null where none is. */
  color: string | null
  /** That span is suggested. */
  proposed?: boolean
}

export function pieces(text: string, spans: readonly Stretch[], suggested: readonly Stretch[] = []): Piece[] {
  const offsets = new Offsets(text)
  const found = [...spans, ...suggested].map(({ color, start, end }, i) => ({
    color,
    start: offsets.toUnits(start),
    end: offsets.toUnits(end),
    proposed: i >= spans.length,
  }))
  const cuts = [...new Set([0, text.length, ...found.flatMap(({ start, end }) => [start, end])])].sort((a, b) => a - b)
  const cut: Piece[] = []
  for (let i = 0; i + 1 < cuts.length; i++) {
    const [from, to] = [cuts[i]!, cuts[i + 1]!]
    const over = found.filter(({ start, end }) => start <= from && to <= end)
    const shortest = over.sort((a, b) => a.end - a.start - (b.end - b.start))[0]
    const piece = { text: text.slice(from, to), color: shortest?.color ?? null }
    cut.push(shortest?.proposed ? { ...piece, proposed: true } : piece)
  }
  return cut
}
