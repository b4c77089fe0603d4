/** How far an item is. */

import { t } from "../ui/strings"
import type { SetStatus } from "./messages.gen"

export type StatusName = SetStatus["status"]

export const STATUSES: readonly { value: StatusName; name: string }[] = [
  { value: "todo", name: t("To do") },
  { value: "in_progress", name: t("In progress") },
  { value: "returned", name: t("Sent back") },
  { value: "done", name: t("Done") },
  { value: "skipped", name: t("Skipped") },
  { value: "accepted", name: t("Accepted") },
]

export function statusName(status: string): string {
  return STATUSES.find(({ value }) => value === status)?.name ?? status
}

/** Whether whoever labels has nothing left to do there. */
export function isFinished(status: string): boolean {
  return status === "done" || status === "skipped" || status === "accepted"
}
