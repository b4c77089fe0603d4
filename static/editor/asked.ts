/** What is asked for anew when it has changed. */

import { get, Refused } from "../ui/api"

const AGAIN = 2_000 // milliseconds

export class Asked<T> {
  #again = 0
  #turn = 0

  constructor(
    private readonly address: string,
    private readonly take: (answer: T) => void,
  ) {}

  /** Right after being away the network may not be there yet: tried again until the server has answered. */
  async fetch(): Promise<void> {
    clearTimeout(this.#again)
    const turn = ++this.#turn
    try {
      const answer = await get<T>(this.address)
      if (turn === this.#turn) this.take(answer)
    } catch (error) {
      if (turn !== this.#turn) return
      const answered = error instanceof Refused && error.status > 0 && error.status < 500
      if (!answered) this.#again = window.setTimeout(() => void this.fetch(), AGAIN)
    }
  }

  close(): void {
    this.#turn += 1
    clearTimeout(this.#again)
  }
}
