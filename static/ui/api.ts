/** Fetch from our own API: JSON in, JSON out, and refusals as errors that carry their sentence. */

import { t } from "./strings"

export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly fields: Readonly<Record<string, string>> = {},
  ) {
    super(detail)
  }
}

/** Nothing was done. Otherwise it may have been, and the answer was lost. */
export function isAnswer({ status }: Refused): boolean {
  return status > 0 && status < 500
}

export function csrfToken(): string {
  return /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? ""
}

/** A form of ours takes the token as it is when it is sent: signing in again changes it. */
export function withToken(event: SubmitEvent & { currentTarget: HTMLFormElement }): void {
  const field = event.currentTarget.elements.namedItem("csrfmiddlewaretoken")
  if (field instanceof HTMLInputElement) field.value = csrfToken()
}

export function get<T>(path: string): Promise<T> {
  return ask(path, { headers: { Accept: "application/json" } })
}

export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return send("POST", path, body, signal)
}

export function send<T = void>(
  method: "POST" | "PATCH" | "DELETE",
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const headers = { Accept: "application/json", "Content-Type": "application/json", "X-CSRFToken": csrfToken() }
  return ask(path, { method, headers, body: JSON.stringify(body), signal: signal ?? null })
}

async function ask<T>(path: string, request: RequestInit): Promise<T> {
  const response = await fetch(path, request).catch(() => {
    throw new Refused(0, "offline", t("The server cannot be reached. Try again in a moment."))
  })
  if (!response.ok) throw await refusal(response)
  return ([202, 204].includes(response.status) ? undefined : await response.json()) as T
}

export async function refusal(response: Response): Promise<Refused> {
  const body = (await response.json().catch(() => ({}))) as Partial<{
    code: string
    detail: string
    fields: Record<string, string>
  }>
  const detail = body.detail ?? t("The server answered {status}. Try again in a moment.", { status: response.status })
  return new Refused(response.status, body.code ?? "error", detail, body.fields)
}
