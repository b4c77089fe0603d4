/** What is said about an item: threads, what of it is new, and mentions in the texts. */

import type { Id } from "../live/contract"
import type { PersonInfo, Place } from "./contract"

/** As annotator/comments.py tells it. */
export interface Said {
  id: number
  thread: number
  annotation: Id | null
  place: Place | null
  author: PersonInfo
  text: string
  created_at: string
  edited_at: string | null
  deleted: boolean
  resolved_at: string | null
  resolved_by: PersonInfo | null
}

/** GET /api/items/ID/comments/ */
export interface Talk {
  sheet: number | null
  read: number
  comments: Said[]
}

export interface Thread {
  first: Said
  /** The first one among them. */
  comments: Said[]
}

export type Member = PersonInfo & { username: string }

/** Oldest first, as they began. */
export function threadsOf(comments: readonly Said[]): Thread[] {
  const threads = new Map<number, Thread>()
  for (const comment of comments) {
    if (comment.id === comment.thread) threads.set(comment.id, { first: comment, comments: [comment] })
    else threads.get(comment.thread)?.comments.push(comment)
  }
  return [...threads.values()]
}

export function unreadOf({ comments, read }: Talk, me: number): Said[] {
  return comments.filter((comment) => comment.id > read && comment.author.id !== me && !comment.deleted)
}

/** A piece of a text: words, or someone who is mentioned. */
export interface Piece {
  text: string
  person?: Member
}

const WORD = /[\p{L}\p{N}_]/u

/** The text with those whom it mentions as `@username`. The longest name wins: "@ann-marie" is not Ann. */
export function piecesOf(text: string, members: readonly Member[]): Piece[] {
  const pieces: Piece[] = []
  let rest = 0
  for (let at = text.indexOf("@"); at !== -1; at = text.indexOf("@", at + 1)) {
    const person = WORD.test(text[at - 1] ?? "") ? undefined : mentioned(text.slice(at + 1), members)
    if (!person || at < rest) continue
    if (at > rest) pieces.push({ text: text.slice(rest, at) })
    pieces.push({ text: `@${person.name}`, person })
    rest = at + 1 + person.username.length
  }
  if (rest < text.length) pieces.push({ text: text.slice(rest) })
  return pieces
}

function mentioned(text: string, members: readonly Member[]): Member | undefined {
  const fits = members.filter(({ username }) => {
    const next = String.fromCodePoint(text.codePointAt(username.length) ?? 32)
    return text.slice(0, username.length).toLowerCase() === username.toLowerCase() && !WORD.test(next)
  })
  return fits.sort((a, b) => b.username.length - a.username.length)[0]
}

/** The name that is being typed before the caret, after an @: where the @ is, and what of it there is. */
export function beingMentioned(text: string, caret: number): { at: number; query: string } | null {
  const found = /(?:^|[^\p{L}\p{N}_])@([^\s@]*)$/u.exec(text.slice(0, caret))
  return found ? { at: caret - found[1]!.length - 1, query: found[1]! } : null
}

const OFFERED = 6

/** Who may be meant: those whose name, or a word of it, begins so. */
export function whoFits(query: string, members: readonly Member[]): Member[] {
  const begun = query.toLowerCase()
  const fits = ({ username, name }: Member) =>
    [username, ...name.split(/\s+/)].some((word) => word.toLowerCase().startsWith(begun))
  return members.filter(fits).slice(0, OFFERED)
}
