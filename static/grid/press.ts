/** A finger that stays on a place for a while. */

const MILLISECONDS = 500
const SLACK = 10 // pixels

/** For `{@attach}`. The click that the finger would end in does not come. */
export function longPress(pressed: (target: EventTarget | null) => void): (element: HTMLElement) => () => void {
  return (element) => {
    let waiting: ReturnType<typeof setTimeout> | undefined
    let start = { x: 0, y: 0 }
    let held = false
    const down = ({ pointerType, target, clientX, clientY }: PointerEvent): void => {
      held = false
      clearTimeout(waiting)
      if (pointerType === "mouse") return
      start = { x: clientX, y: clientY }
      waiting = setTimeout(() => {
        held = true
        pressed(target)
      }, MILLISECONDS)
    }
    const move = ({ clientX, clientY }: PointerEvent): void => {
      if (Math.hypot(clientX - start.x, clientY - start.y) > SLACK) clearTimeout(waiting)
    }
    const end = (): void => clearTimeout(waiting)
    const suppress = (event: Event): void => {
      if (!held) return
      event.preventDefault()
      event.stopPropagation()
    }
    const listening = new AbortController()
    const { signal } = listening
    element.addEventListener("pointerdown", down, { signal })
    element.addEventListener("pointermove", move, { signal })
    element.addEventListener("pointerup", end, { signal })
    element.addEventListener("pointercancel", end, { signal })
    element.addEventListener("click", suppress, { signal, capture: true })
    element.addEventListener("contextmenu", suppress, { signal })
    return () => {
      clearTimeout(waiting)
      listening.abort()
    }
  }
}
