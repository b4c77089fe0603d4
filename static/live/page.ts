/** What a session needs of its page. */

import type { Notice, SheetItem } from "./contract"
import type { Presence } from "./messages.gen"
import type { Kept, Sender } from "./outbox"
import type { Link } from "./socket"

export interface Page extends Sender {
  readonly user: number
  readonly connection: string
  readonly link: Link
  readonly backlog: number
  join(item: SheetItem, since: number | null): void
  tell(presence: Presence): void
  /** Keep what can no longer be sent until the person has taken it as a file. */
  setAside(messages: Kept[], why: string): void
  /** Tell the person something of a sheet that is not open. */
  notify(notice: Notice): void
  /** What is waiting, or what must be decided, has changed. */
  changed(): void
  closeSheet(sheet: number): void
}
