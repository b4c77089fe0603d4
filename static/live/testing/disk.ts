import type { Queue, Row } from "../queue"

/** A browser's storage that outlives its pages, without the browser. */
export class Disk {
  readonly rows = new Map<string, Row>()
  private readonly pages = new Set<string>()

  open = (client: string): Queue => {
    this.pages.add(client)
    return {
      kept: true,
      put: (rows) => rows.forEach((row) => this.rows.set(row.id, structuredClone(row))),
      remove: (ids) => ids.forEach((id) => this.rows.delete(id)),
      adopt: () => Promise.resolve(this.adopt(client)),
      close: () => this.pages.delete(client),
    }
  }

  private adopt(client: string): Row[] {
    const left = [...this.rows.values()].filter((row) => !this.pages.has(row.client))
    for (const row of left) this.rows.set(row.id, { ...row, client })
    return left.sort((a, b) => a.order - b.order)
  }
}
