/** A file that is larger than its form takes (`data-most`, in bytes) is told beneath its field and not sent. */
export function startLargest(): void {
  for (const input of document.querySelectorAll<HTMLInputElement>("input[data-most]"))
    input.addEventListener("change", () => check(input, Number(input.dataset["most"])))
}

function check(input: HTMLInputElement, most: number): void {
  const told = input.nextElementSibling as HTMLElement
  const fits = [...(input.files ?? [])].every((file) => file.size <= most)
  told.hidden = fits
  input.classList.toggle("is-invalid", !fits)
  input.setCustomValidity(fits ? "" : told.innerText)
}
