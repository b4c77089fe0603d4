/** The photo, drawn from whichever of its halvings is just large enough: a 4K photo costs no more than what is on the screen. */

import type { OpenItem } from "../../contract"
import { imageOf } from "../../prefetch"
import type { Size } from "../geometry"
import type { View } from "../view"
import { addPane, clearPane, sizePane } from "./pane"

const SMALLEST_LEVEL = 512 // pixels
const SHOW_PIXELS_FROM = 4 // device pixels an image pixel: from here on pixels are squares
const THUMBNAIL_AFTER = 80 // milliseconds without the photo

const rest = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds))

export class PhotoLayer {
  private readonly pane
  private readonly image: Size
  /** The photo, its half, its quarter, ...; the first belongs to the prefetcher. */
  private levels: ImageBitmap[] = []
  private thumbnail: ImageBitmap | null = null
  private closed = false

  constructor(
    parent: HTMLElement,
    private readonly item: OpenItem,
    private readonly arrived: () => void,
  ) {
    this.pane = addPane(parent)
    this.image = { width: item.width ?? 1, height: item.height ?? 1 }
  }

  get ready(): boolean {
    return this.levels.length > 0
  }

  /** Rejects when the photo cannot be had; call it again to try again. */
  async load(): Promise<void> {
    const photo = imageOf(this.item)
    void this.loadThumbnail(photo)
    const full = await photo
    if (this.closed) return
    this.levels = [full]
    this.arrived()
    await this.halve(full)
  }

  resize(device: Size): void {
    sizePane(this.pane, device)
  }

  draw(view: View): void {
    clearPane(this.pane)
    const { on } = this.pane
    const bitmap = this.levelFor(view.scale) ?? this.thumbnail
    if (!bitmap) return
    on.imageSmoothingEnabled = !this.ready || view.scale < SHOW_PIXELS_FROM
    // Bilinear is enough between two halvings, and four times as fast; before they are made, it would flicker.
    on.imageSmoothingQuality = bitmap.width > 2 * this.image.width * view.scale ? "medium" : "low"
    on.drawImage(bitmap, view.x, view.y, this.image.width * view.scale, this.image.height * view.scale)
  }

  close(): void {
    this.closed = true
    for (const level of this.levels.slice(1)) level.close()
    this.levels = []
    this.thumbnail?.close()
    this.thumbnail = null
  }

  private levelFor(scale: number): ImageBitmap | undefined {
    const needed = this.image.width * scale
    return this.levels.findLast((level) => level.width >= needed) ?? this.levels[0]
  }

  private async halve(full: ImageBitmap): Promise<void> {
    let last = full
    while (Math.max(last.width, last.height) > SMALLEST_LEVEL) {
      await rest(0)
      if (this.closed) return
      const half = { resizeWidth: Math.ceil(last.width / 2), resizeHeight: Math.ceil(last.height / 2) }
      last = await createImageBitmap(last, { ...half, resizeQuality: "low" })
      if (this.closed) last.close()
      else this.levels.push(last)
    }
    this.arrived()
  }

  /** On a slow network the small picture comes first. It is a comfort: without it, one waits for the photo. */
  private async loadThumbnail(photo: Promise<ImageBitmap>): Promise<void> {
    await Promise.race([photo.catch(() => undefined), rest(THUMBNAIL_AFTER)])
    if (this.ready || this.closed || this.thumbnail || !this.item.thumbnail) return
    const response = await fetch(this.item.thumbnail).catch(() => null)
    if (!response?.ok) return
    const bitmap = await createImageBitmap(await response.blob()).catch(() => null)
    if (!bitmap) return
    if (this.ready || this.closed) return bitmap.close()
    this.thumbnail = bitmap
    this.arrived()
  }
}
