import { vi } from "vitest"
import type { Live, Notice, Operation, Reading, SheetItem, SheetSession } from "../contract"
import { openLive } from "../live"
import { Disk } from "./disk"
import { Cable } from "./network"
import { type ModelServer, SHEET } from "./server"

export const ITEM: SheetItem = { sheet: SHEET, id: 70, project: 1, name: "cups.jpg" }

export interface Someone {
  live: Live
  session: SheetSession
  cable: Cable
  disk: Disk
  notices: Notice[]
  /** As the editor does when it leaves the sheet. */
  stopListening(): void
}

/** Someone opens the sheet; on the same disk it is the same browser. */
export function someone(
  server: ModelServer,
  user: number,
  disk = new Disk(),
  cable = new Cable(server, user),
  ahead?: Reading,
): Someone {
  const live = openLive({ user, url: "", storage: disk.open, dial: cable.dial })
  const session = live.open(ITEM, ahead)
  const notices: Notice[] = []
  const stopListening = session.onNotice((notice) => notices.push(notice))
  live.onNotice((notice) => notices.push(notice))
  return { live, session, cable, disk, notices, stopListening }
}

/** Closes the tab: nothing is sent any more, the disk stays. */
export function closeTab({ live, cable }: Someone): void {
  live.close()
  cable.cut()
}

/** Let timers run and promises settle. */
export async function pass(milliseconds = 10): Promise<void> {
  await vi.advanceTimersByTimeAsync(milliseconds)
}

export function box(annotation: string, x = 0): Operation {
  return { type: "create", annotation, label: 1, shape: { type: "rectangle", x, y: 0, width: 10, height: 10 } }
}

export function move(annotation: string, x: number): Operation {
  return { type: "update", annotation, shape: { type: "rectangle", x, y: 0, width: 10, height: 10 } }
}

export function relabel(annotation: string, label: number): Operation {
  return { type: "update", annotation, label }
}

export function remove(annotation: string): Operation {
  return { type: "delete", annotation }
}

/** The left edge of a box on someone's screen; undefined when it is not there. */
export function left({ session }: Someone, annotation: string): number | undefined {
  const shape = session.records.get(annotation)?.shape
  return shape?.type === "rectangle" ? shape.x : undefined
}

/** Deliver what is on the wire, and the answers to it. */
export function settle({ cable }: Someone): void {
  for (let n = 0; n < 10; n++) {
    cable.deliverUp()
    cable.deliverDown()
  }
}
