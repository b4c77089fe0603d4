/** From places among the components to pixels, and back. Both components have one scale: what is far looks far. */

import type { Place, Points } from "./points"

const [FAR, NEAR] = [0.5, 400] // times what shows all

export class Camera {
  width = $state(0)
  height = $state(0)
  /** What is in the middle. */
  x = $state(0)
  y = $state(0)
  /** Pixels to one. */
  scale = $state(1)
  #whole = 1

  /** How much nearer than where all is seen. */
  get zoom(): number {
    return this.scale / this.#whole
  }

  /** All points. */
  fit({ left, right, bottom, top }: Points["bounds"]): void {
    this.x = (left + right) / 2
    this.y = (bottom + top) / 2
    this.scale = Math.min(Math.max(this.width, 1) / (right - left), Math.max(this.height, 1) / (top - bottom))
    this.#whole = this.scale
  }

  screen(x: number, y: number): Place {
    return [(x - this.x) * this.scale + this.width / 2, (this.y - y) * this.scale + this.height / 2]
  }

  world(left: number, top: number): Place {
    return [(left - this.width / 2) / this.scale + this.x, this.y - (top - this.height / 2) / this.scale]
  }

  /** What is under that place stays there. */
  zoomBy(factor: number, left: number, top: number): void {
    const [x, y] = this.world(left, top)
    this.scale = this.#whole * Math.min(Math.max(this.zoom * factor, FAR), NEAR)
    const [nowX, nowY] = this.world(left, top)
    this.x += x - nowX
    this.y += y - nowY
  }

  move(right: number, down: number): void {
    this.x -= right / this.scale
    this.y += down / this.scale
  }
}
