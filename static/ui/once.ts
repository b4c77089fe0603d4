/** What must not be done twice, though it may have to be sent twice. */

import { uuid } from "../live/ids"
import { isAnswer, Refused } from "./api"

/** Milliseconds: who asks for the same later means it anew. */
const LASTS = 600_000

/** The ids of what was sent and not answered, and when last. */
const unanswered = new Map<string, { id: string; at: number }>()

/** Sent again after its answer was lost, the same has the same id, and the server does it once. */
export async function once<T>(asked: unknown, send: (id: string) => Promise<T>): Promise<T> {
  const same = JSON.stringify(asked)
  const now = Date.now()
  for (const [one, { at }] of unanswered) if (now - at > LASTS) unanswered.delete(one)
  const { id } = unanswered.get(same) ?? { id: uuid() }
  unanswered.set(same, { id, at: now })
  try {
    const answer = await send(id)
    unanswered.delete(same)
    return answer
  } catch (error) {
    if (error instanceof Refused && isAnswer(error)) unanswered.delete(same)
    throw error
  }
}
