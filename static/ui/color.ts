/** Ink that can be read on a colour. */

export function inkOn(color: string): string {
  return luminance(color) > 0.22 ? "#0b1220" : "#fff"
}

/** Relative luminance of "#rrggbb" (WCAG 2.2). */
export function luminance(color: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const value = parseInt(color.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
