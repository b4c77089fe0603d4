/** The photo, or its thumbnail until it is there. */

import type { OpenItem } from "../../contract"
import { imageOf } from "../../prefetch"
import type { Size } from "../geometry"
import type { Halvings } from "../halvings"
import type { View } from "../view"
import { addPane, clearPane, returnPane, sizePane } from "./pane"

const SHOW_PIXELS_FROM = 4 // device pixels an image pixel: from here on pixels are squares
const THUMBNAIL_AFTER = 80 // milliseconds without the photo

const rest = (milliseconds: number): Promise<void> => new Promise((wake) => setTimeout(wake, milliseconds))

export class PhotoLayer {
  private readonly pane
  private readonly image: Size
  /** Belongs to the prefetcher. */
  private photo: Halvings | null = null
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
    return this.photo !== null
  }

  /** Rejects when the photo cannot be had; call it again to try again. */
  async load(): Promise<void> {
    const photo = imageOf(this.item)
    void this.loadThumbnail(photo)
    const found = await photo
    if (this.closed) return
    this.photo = found
    this.arrived()
    await found.made
    this.arrived()
  }

  resize(device: Size): void {
    sizePane(this.pane, device)
  }

  draw(view: View): void {
    clearPane(this.pane)
    const { on } = this.pane
    const bitmap = this.photo ? this.photo.atLeast(this.image.width * view.scale) : this.thumbnail
    if (!bitmap) return
    on.imageSmoothingEnabled = !this.ready || view.scale < SHOW_PIXELS_FROM
    // Bilinear is enough between two halvings, and four times as fast; before they are made, it would flicker.
    on.imageSmoothingQuality = bitmap.width > 2 * this.image.width * view.scale ? "medium" : "low"
    on.drawImage(bitmap, view.x, view.y, this.image.width * view.scale, this.image.height * view.scale)
  }

  close(): void {
    this.closed = true
    returnPane(this.pane)
    this.photo = null
    this.thumbnail?.close()
    this.thumbnail = null
  }

  /** On a slow network the small picture comes first. It is a comfort: without it, one waits for the photo. */
  private async loadThumbnail(photo: Promise<Halvings>): Promise<void> {
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
