/** What was done and is not yet acknowledged, kept where a closed tab and a dead network cannot reach it. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb"
import type { Apply, SetStatus } from "./messages.gen"

export interface Row {
  /** The request's id. */
  id: string
  /** The page that sends it. Pages of one person share the queue; each sends its own rows. */
  client: string
  protocol: number
  order: number
  message: Apply | SetStatus
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

/** The queue of one person in this browser. `onTrouble` is told once when it can only be kept in memory. */
export function openQueue(user: number, client: string, onTrouble: () => void): Queue {
  const name = `live-${user}`
  const database = open(name)
  const presence = announce(name, client)
  let writing = 0
  let trouble = false

  function failed(): void {
    if (!trouble) onTrouble()
    trouble = true
  }

  async function write(change: (db: IDBPDatabase<Schema>) => Promise<unknown>): Promise<void> {
    writing += 1
    try {
      await change(await database)
    } catch {
      failed()
    } finally {
      writing -= 1
    }
  }

  async function adopt(): Promise<Row[]> {
    try {
      const others = await presence.others()
      const transaction = (await database).transaction("rows", "readwrite")
      const found = (await transaction.store.getAll()).filter((row) => row.client !== client && !others.has(row.client))
      const rows = found.map((row) => ({ ...row, client }))
      await Promise.all([...rows.map((row) => transaction.store.put(row)), transaction.done])
      return rows.sort((a, b) => a.order - b.order)
    } catch {
      failed()
      return []
    }
  }

  return {
    get kept() {
      return !trouble && writing === 0
    },
    put: (rows) => void write((db) => inOne(db, (store) => rows.map((row) => store.put(row)))),
    remove: (ids) => void write((db) => inOne(db, (store) => ids.map((id) => store.delete(id)))),
    adopt,
    close: () => {
      presence.leave()
      void database.then(
        (db) => db.close(),
        () => undefined,
      )
    },
  }
}

/** Asynchronous, because some browsers refuse by throwing at once. */
async function open(name: string): Promise<IDBPDatabase<Schema>> {
  return openDB<Schema>(name, 1, { upgrade: (db) => void db.createObjectStore("rows", { keyPath: "id" }) })
}

type RowStore = { put(row: Row): Promise<unknown>; delete(id: string): Promise<unknown> }

async function inOne(db: IDBPDatabase<Schema>, change: (store: RowStore) => Promise<unknown>[]): Promise<void> {
  const transaction = db.transaction("rows", "readwrite")
  await Promise.all([...change(transaction.store), transaction.done])
}

/**
 * Holds a lock as long as this page lives, so that other pages of the person leave its rows alone. Without locks (a page
 * that came without TLS) two pages may send the same row, which the server answers twice and applies once.
 */
function announce(name: string, client: string): { others(): Promise<ReadonlySet<string>>; leave(): void } {
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
