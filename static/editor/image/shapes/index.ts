import type { AnnotationRecord } from "../../../live/contract"
import { polygon } from "./polygon"
import { rectangle } from "./rectangle"
import type { ImageShape, ShapeKind } from "./shape"

export type { Handle, ImageShape } from "./shape"

const KINDS: Readonly<Record<ImageShape["type"], ShapeKind<ImageShape>>> = { rectangle, polygon }

export const kindOf = (shape: ImageShape): ShapeKind<ImageShape> => KINDS[shape.type]

/** The shape when it stands on an image; null for spans and tags. */
export function onImageOnly(shape: { readonly type: AnnotationRecord["shape"]["type"] }): ImageShape | null {
  return shape.type in KINDS ? (shape as ImageShape) : null
}
