/** Asks once nothing has changed for a moment. The newest question wins: an answer that is overtaken is dropped. */

export class Latest<Asked, Answer> {
  #turn = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #stop: AbortController | undefined

  constructor(
    private readonly send: (asked: Asked, signal: AbortSignal) => Promise<Answer>,
    private readonly take: (answer: Answer, asked: Asked) => void,
    private readonly fail: (error: unknown) => void,
    private readonly wait: number,
  ) {}

  ask(asked: Asked, wait = this.wait): void {
    this.drop()
    const turn = this.#turn
    this.#timer = setTimeout(() => void this.#go(asked, turn), wait)
  }

  /** What is under way no longer counts. */
  drop(): void {
    this.#turn += 1
    clearTimeout(this.#timer)
    this.#stop?.abort()
  }

  async #go(asked: Asked, turn: number): Promise<void> {
    this.#stop = new AbortController()
    try {
      const answer = await this.send(asked, this.#stop.signal)
      if (turn === this.#turn) this.take(answer, asked)
    } catch (error) {
      if (turn === this.#turn) this.fail(error)
    }
  }
}
