/** The address of an item's page: that of this one with another number at its end. */
export function pathOf(id: number): string {
  return location.pathname.replace(/\d+(\/?)$/, `${id}$1`)
}

export function itemOfPath(path: string): number | null {
  const id = /(\d+)\/?$/.exec(path)?.[1]
  return id ? Number(id) : null
}
