/** Cuts a text into the blocks the page draws: a paragraph each, or several short ones of a long text. */

import { floor } from "./clusters"

const BLOCKS = 500 // about so many for a long text
const LONGEST = 4000 // units; a longer paragraph is cut between words

const STRONG = /\p{L}/u
const RIGHT_TO_LEFT =
  /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Samaritan}\p{Script=Mandaic}\p{Script=Adlam}]/u

/** Whether a paragraph that begins so is written from right to left. */
export const isRightToLeft = (text: string): boolean => RIGHT_TO_LEFT.test(STRONG.exec(text)?.[0] ?? "")

/** Where the blocks start, in units. Each ends after a line break where there is one. */
export function split(text: string): number[] {
  const shortest = Math.min(Math.ceil(text.length / BLOCKS), LONGEST)
  const starts: number[] = []
  let newline = -1
  for (let start = 0; start < text.length;) {
    starts.push(start)
    if (newline < start + shortest - 1) newline = indexOrEnd(text, start + shortest - 1)
    start = newline - start < LONGEST ? newline + 1 : cut(text, start)
  }
  return starts.length ? starts : [0]
}

/** The block a unit lies in; a unit between two belongs to the later one. */
export function blockAt(starts: readonly number[], unit: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= unit) low = middle
    else high = middle - 1
  }
  return low
}

function indexOrEnd(text: string, from: number): number {
  const found = text.indexOf("\n", from)
  return found < 0 ? text.length - 1 : found
}

/**
 * The end of a block that would be too long: after a line break, else in a paragraph. The rest then begins with a word
 * of the paragraph's direction, so that it is drawn alike.
 */
function cut(text: string, start: number): number {
  const newline = text.lastIndexOf("\n", start + LONGEST - 1) + 1
  if (newline > start) return newline
  const paragraph = text.lastIndexOf("\n", start - 1) + 1
  const direction = isRightToLeft(text.slice(paragraph, paragraph + 100))
  const piece = text.slice(start + LONGEST / 2, start + LONGEST)
  for (const word of [...piece.matchAll(/\s(?=\p{L})/gu)].reverse()) {
    const at = start + LONGEST / 2 + word.index + 1
    if (isRightToLeft(text.slice(at, at + 2)) === direction) return at
  }
  return floor(text, start + LONGEST)
}
