/** A sign for each sort of node. */

const SIGNS: Readonly<Record<string, string>> = {
  items: "▦",
  each: "◎",
  slide: "▤",
  filter: "▽",
  combine: "∪",
  relate: "⋂",
  map_labels: "⇥",
}

export function signOf(kind: string): string {
  return SIGNS[kind] ?? "◉"
}
