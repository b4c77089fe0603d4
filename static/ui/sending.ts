/** Files on their way to the server, by XMLHttpRequest, because fetch does not tell how much has been sent. */

import { csrfToken } from "./api"

/** No answer has come. */
export class Unanswered extends Error {}

/** What the server answered, or null where that is no JSON. `progress` hears how many bytes of the files have gone. */
export function sendFiles<T>(
  address: string,
  body: FormData,
  progress: (bytes: number) => void,
): Promise<{ status: number; answer: Partial<T> | null }> {
  const bytes = [...body.values()].reduce((sum, value) => sum + (value instanceof File ? value.size : 0), 0)
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open("POST", address)
    request.setRequestHeader("X-CSRFToken", csrfToken())
    request.responseType = "json"
    request.upload.addEventListener("progress", ({ loaded, total }) => progress((loaded / total) * bytes))
    request.addEventListener("load", () =>
      resolve({ status: request.status, answer: request.response as Partial<T> | null }),
    )
    request.addEventListener("error", () => reject(new Unanswered()))
    request.send(body)
  })
}
