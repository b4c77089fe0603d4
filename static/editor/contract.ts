/** What the editor's parts share: the item, the labels, and what the shell and a stage expect of each other. */

import type { Id, SheetSession } from "../live/contract"
import type { Suggestion } from "./suggested"

export type Point = readonly [x: number, y: number]
export type ImagePoint = Point & { readonly __brand?: "image" }
export type ScreenPoint = Point & { readonly __brand?: "screen" }

export interface Attribute {
  id: string
  name: string
  kind: "choice" | "number" | "text" | "checkbox"
  options?: string[]
}

export interface Label {
  id: number
  name: string
  color: string
  hotkey: string
  shapes: ("rectangle" | "polygon" | "span" | "tag")[]
  attributes: Attribute[]
  /** As HTML that the server has made safe. */
  guidelines_html?: string
  removed: boolean
}

export interface PersonInfo {
  id: number
  name: string
  color: string
  /** The address of theirs, if they have one. */
  picture?: string
}

/** What the page hands to `<annotation-editor>`. `item` is the one to open first. */
export interface Bootstrap {
  user: PersonInfo & { username: string }
  project: {
    id: number
    name: string
    /** As HTML that the server has made safe. */
    guidelines: string
    /** The fingerprint of those that one has read. */
    guidelines_read: string
    role: number
    is_demo: boolean
  }
  labels: Label[]
  item: OpenItem
}

/** GET /api/items/ID/open/ */
export interface OpenItem {
  id: number
  project: number
  kind: "image" | "text"
  name: string
  text: string | null
  width: number | null
  height: number | null
  media: string | null
  thumbnail: string | null
  sheet: number
  previous: number | null
  next: number | null
  index: number
  count: number
}

export type Tool = "select" | "rectangle" | "polygon" | "span"

/** The editor's own state, shared by the shell and the stage. Svelte runes: reading it in an effect subscribes. */
export interface EditorState {
  tool: Tool
  /** The label the next shape gets. */
  label: Label | null
  selection: ReadonlySet<Id>
  /** The suggestion that is selected, by the annotation that stands for it; then no annotation is. */
  suggestion: Id | null
  /** The shape that is selected as it was just drawn, until something is selected otherwise. */
  drawn: Id | null
  hovered: Id | null
  /** The connection of the person who is followed. */
  following: string | null
  /** False for viewers and while one's role has ended. */
  writable: boolean
  /** The first corner of a box is tapped, and the second awaited. */
  awaitsCorner: boolean
}

export interface StageProps {
  item: OpenItem
  session: SheetSession
  labels: ReadonlyMap<number, Label>
  /** What is suggested and not decided, by the annotation that stands for it. */
  suggestions: ReadonlyMap<Id, Suggestion>
  state: EditorState
  /** Tell the person something, on the stage. */
  notify(tone: "info" | "warn" | "bad", text: string): void
  /** The stage hands its commands to the shell once it is mounted, and takes them back (null) when it goes. */
  register(commands: StageCommands | null): void
}

/** Where a comment may stand; as annotator/comments.py has it. */
export type Place = { type: "point"; x: number; y: number } | { type: "range"; start: number; end: number }

/** Where places of the item are in the window. */
export interface StagePlaces {
  /** A point's spot, or the lines of a range. */
  boxes(place: Place): { left: number; top: number; bottom: number; width: number }[]
  /** The place under a point of the window; null beside the item, and in texts, where words are marked. */
  at(x: number, y: number): Place | null
  /** The words that are marked, and where they are. */
  readonly marked: { place: Place; words: string } | null
  wordsOf(place: Place): string
  onMove(listener: () => void): () => void
  /** Where nothing lies over the stage: of its lower part so many pixels are `covered`. */
  reveal(place: Place, covered?: number): void
}

/** What buttons, keys and the palette ask of a stage. */
export interface StageCommands {
  readonly places?: StagePlaces
  fit(): void
  zoomBy(factor: number): void
  /** 1 = one image pixel a CSS pixel. */
  readonly zoom: number
  onZoom(listener: () => void): () => void
  /** A polygon is begun, which another tool or item would throw away. */
  readonly unfinished: boolean
  /** Where an annotation or a suggestion is in the window; null while it is out of sight. */
  boxOf(id: Id): { left: number; top: number; bottom: number; right: number } | null
  /** Bring annotations, or suggestions, into view. */
  reveal(ids: Id[]): void
  /** Give up the unfinished shape or drag; true when there was one. */
  cancel(): boolean
  /** Finish the unfinished shape (Enter); true when there was one. */
  finish(): boolean
  /** Take back the last corner of an unfinished polygon, or the picked one (Delete); true when there was one. */
  stepBack(): boolean
  /** Move the selection by image pixels (arrow keys), or a span's end by characters. */
  nudge(dx: number, dy: number, extend: boolean): void
}
