/** What statuses and orders are called. */

import { number, plural, t } from "../ui/strings"
import type { Deed, Done, Sort, Status } from "./contract"

export const SORTS: readonly { value: Sort; name: string }[] = [
  { value: "oldest", name: t("Oldest first") },
  { value: "newest", name: t("Newest first") },
  { value: "name", name: t("By name") },
  { value: "status", name: t("By status") },
]

/** What was done, and what was not and why. */
export function told(deed: Deed, { done, refused }: Done): string {
  const left = refused.map(({ detail, items }) => `${number(items.length)}: ${detail}`)
  return [done.length || !left.length ? whatWasDone(deed, done.length) : t("Nothing was changed."), ...left].join(" ")
}

function whatWasDone(deed: Deed, n: number): string {
  switch (deed.type) {
    case "status":
      return whichStatus(deed.status, n)
    case "tag":
      return plural(n, "{n} item was tagged.", "{n} items were tagged.")
    case "untag":
      return plural(n, "The tag was taken off {n} item.", "The tag was taken off {n} items.")
    case "assign":
      return deed.person === null
        ? plural(n, "{n} item is anyone's now.", "{n} items are anyone's now.")
        : plural(n, "{n} item is assigned.", "{n} items are assigned.")
    case "trash":
      return plural(n, "{n} item is in the trash.", "{n} items are in the trash.")
    case "undo":
      return plural(n, "{n} item is as it was before.", "{n} items are as they were before.")
  }
}

function whichStatus(status: Status, n: number): string {
  if (status === "accepted") return plural(n, "{n} item is accepted.", "{n} items are accepted.")
  if (status === "returned") return plural(n, "{n} item was sent back.", "{n} items were sent back.")
  if (status === "done") return plural(n, "{n} item is done.", "{n} items are done.")
  if (status === "skipped") return plural(n, "{n} item was skipped.", "{n} items were skipped.")
  return plural(n, "{n} item is to do.", "{n} items are to do.")
}
