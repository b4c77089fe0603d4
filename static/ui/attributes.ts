/** The rows of attributes in a label's form. */

export function startAttributes(): void {
  document.addEventListener("click", (event) => {
    const target = event.target as Element
    const adds = target.closest("[data-add-attribute]")
    if (adds) {
      const field = adds.closest(".field")
      const row = field?.querySelector("template")?.content.cloneNode(true)
      if (row) field?.querySelector(".attributes")?.append(row)
      field?.querySelector<HTMLInputElement>(".attribute:last-child [name=attribute_name]")?.focus()
    }
    target.closest("[data-remove-attribute]")?.closest(".attribute")?.remove()
  })
}
