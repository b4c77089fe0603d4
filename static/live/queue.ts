/** What was done and is not yet acknowledged, kept where a closed tab and a dead network cannot reach it. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb"
import type { SheetItem } from "./contract"
import type { Kept } from "./outbox"

export interface Row {
  /** The request's id. */
  id: string
  /** The page that sends it. Pages of one person share the queue; each sends its own rows. */
  client: string
  protocol: number
  order: number
  /** Rows of older pages have none. */
  item?: SheetItem
  message: Kept
  /** Why it can no longer be sent. It is kept until the person has taken it as a file, or says so. */
  aside?: string
}

export interface Queue {
  /** Whether all that was put is written where it survives the tab. */
  readonly kept: boolean
  put(rows: Row[]): void
  remove(ids: string[]): void
  /** Rows of pages that are gone, now this page's, and rows set aside; in the order they were made. */
  adopt(): Promise<Row[]>
  close(): void
}

interface Schema extends DBSchema {
  rows: { key: string; value: Row }
}
type Database = IDBPDatabase<Schema>

interface Change {
  rows: readonly Row[]
  removed: readonly string[]
}

/** The queue of one person in this browser. Browsers close a storage without being asked: then it is opened anew. */
export class StoredQueue implements Queue {
  private readonly pages: Pages
  /** What should be there, and what should be there no more though it may be. */
  private readonly rows = new Map<string, Row>()
  private readonly removed = new Set<string>()
  private database: Promise<Database> | undefined
  private writing = 0
  private trouble = false

  /** `onTrouble` is told once when nothing can be written, and whether that is for lack of room. */
  constructor(
    private readonly user: number,
    private readonly client: string,
    private readonly onTrouble: (full: boolean) => void,
  ) {
    this.pages = announce(nameFor(user), client)
  }

  get kept(): boolean {
    return !this.trouble && this.writing === 0
  }

  put(rows: Row[]): void {
    for (const row of rows) this.rows.set(row.id, row)
    void this.write({ rows, removed: [] })
  }

  remove(ids: string[]): void {
    const removed = ids.filter((id) => this.rows.delete(id))
    for (const id of removed) this.removed.add(id)
    if (removed.length) void this.write({ rows: [], removed })
  }

  async adopt(): Promise<Row[]> {
    try {
      const others = await this.pages.others()
      const takeOver = (db: Database) => this.takeOver(db, others)
      const taken = await this.attempt(takeOver).catch(() => this.attempt(takeOver))
      for (const row of taken) this.rows.set(row.id, row)
      return taken
    } catch (error) {
      this.failed(error)
      return []
    }
  }

  close(): void {
    this.pages.leave()
    this.hangUp()
  }

  private async takeOver(db: Database, others: ReadonlySet<string>): Promise<Row[]> {
    const { client } = this
    const { store, done } = db.transaction("rows", "readwrite")
    const left = (await store.getAll()).filter((row) => row.client !== client && !others.has(row.client))
    const taken = left.map((row) => ({ ...row, client }))
    await Promise.all([...taken.map((row) => store.put(row)), done])
    return taken.sort((a, b) => a.order - b.order)
  }

  private async write(change: Change): Promise<void> {
    this.writing += 1
    try {
      const written = await this.attempt((db) => inOne(db, this.trouble ? this.all : change)).catch(() =>
        this.attempt((db) => inOne(db, this.all)),
      )
      for (const id of written.removed) this.removed.delete(id)
      this.trouble = false
    } catch (error) {
      this.failed(error)
    } finally {
      this.writing -= 1
    }
  }

  /** The storage may have lost what it had. */
  private get all(): Change {
    return { rows: [...this.rows.values()], removed: [...this.removed] }
  }

  private async attempt<T>(work: (db: Database) => Promise<T>): Promise<T> {
    const opened = (this.database ??= open(this.user, () => void this.write(this.all)))
    try {
      return await work(await opened)
    } catch (error) {
      if (this.database === opened) this.hangUp()
      throw error
    }
  }

  private hangUp(): void {
    this.database?.then((db) => db.close()).catch(() => undefined)
    this.database = undefined
  }

  private failed(error: unknown): void {
    if (!this.trouble) this.onTrouble(error instanceof DOMException && error.name === "QuotaExceededError")
    this.trouble = true
  }
}

/** What waits for a person in this browser, for pages that send nothing. */
export async function waitingFor(user: number): Promise<Row[]> {
  const db = await open(user, () => undefined)
  const rows = await db.getAll("rows")
  db.close()
  return rows
}

function nameFor(user: number): string {
  return `live-${user}`
}

/** Asynchronous, because some browsers refuse by throwing at once. `terminated` is told when the browser closes it. */
async function open(user: number, terminated: () => void): Promise<Database> {
  const upgrade = (db: Database) => void db.createObjectStore("rows", { keyPath: "id" })
  return openDB<Schema>(nameFor(user), 1, { upgrade, terminated })
}

async function inOne(db: Database, change: Change): Promise<Change> {
  const transaction = db.transaction("rows", "readwrite")
  const { store, done } = transaction
  const written = [...change.removed.map((id) => store.delete(id)), ...change.rows.map((row) => store.put(row))]
  transaction.commit() // without waiting for answers: the page may be left before they come
  await Promise.all([...written, done])
  return change
}

interface Pages {
  /** The pages of the person that are open. */
  others(): Promise<ReadonlySet<string>>
  leave(): void
}

/**
 * Holds a lock as long as this page lives, so that other pages of the person leave its rows alone. Without locks (a page
 * that came without TLS) two pages may send the same row, which the server answers twice and applies once.
 */
function announce(name: string, client: string): Pages {
  const locks = (globalThis.navigator as Partial<Navigator> | undefined)?.locks
  let leave = (): void => undefined
  const gone = new Promise<void>((resolve) => (leave = resolve))
  const prefix = `${name}:`
  const holding = new Promise<void>((resolve) => {
    if (!locks) return resolve()
    void locks.request(prefix + client, () => {
      resolve()
      return gone
    })
  })
  async function others(): Promise<ReadonlySet<string>> {
    await holding
    const held = (await locks?.query())?.held ?? []
    return new Set(
      held
        .map((lock) => lock.name ?? "")
        .filter((id) => id.startsWith(prefix))
        .map((id) => id.slice(prefix.length)),
    )
  }
  return { others, leave }
}
