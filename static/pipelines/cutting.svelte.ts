/** Examples are cut out of the item in the preview, by a box that one draws. */

import { getContext, setContext } from "svelte"

const LARGEST = 512
const LEAST = 8
const KEY = {}

interface Box {
  x: number
  y: number
  width: number
  height: number
}

export class Cutting {
  /** Who waits for the next example, as PNG in base64. */
  take = $state.raw<((png: string) => void) | null>(null)

  cut(image: HTMLImageElement, { x, y, width, height }: Box): void {
    if (Math.min(width, height) < LEAST) return
    const scale = Math.min(1, LARGEST / Math.max(width, height))
    const canvas = document.createElement("canvas")
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    canvas.getContext("2d")?.drawImage(image, x, y, width, height, 0, 0, canvas.width, canvas.height)
    this.take?.(canvas.toDataURL("image/png").replace(/^.*,/, ""))
    this.take = null
  }
}

export function provideCutting(): Cutting {
  return setContext(KEY, new Cutting())
}

export function useCutting(): Cutting {
  return getContext<Cutting>(KEY)
}
