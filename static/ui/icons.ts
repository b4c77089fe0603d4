/** Icons as one path each, on a grid of 24, drawn with a stroke. */

const circle = (x: number, y: number, r: number) =>
  `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`

export const ICONS = {
  select: "M5 3l14 8-6 2-2 6z",
  rectangle: "M5 6h14a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1V7a1 1 0 0 1 1-1z",
  polygon: "M12 3l8 6-3 10H7L4 9z",
  span: "M4 7V4h16v3M12 4v16M8 20h8",
  tag: `M4 7v6l8 8 9-9-8-8H7a3 3 0 0 0-3 3z${circle(9, 9, 1)}`,
  help: "M9 9a3 3 0 1 1 4 3c-1 .5-1 1-1 2M12 18v.1",
  flag: "M6 21V4M6 5c4-2.500 8 2.500 12 0v9c-4 2.500-8-2.500-12 0",
  pencil: "M4 20l1-5L16 4l4 4L9 19zM14 6l4 4",
  command: "M7 9a2 2 0 1 1 2-2v10a2 2 0 1 1-2-2h10a2 2 0 1 1-2 2V7a2 2 0 1 1 2 2z",
  back: "M15 5l-7 7 7 7",
  up: "M12 19V5M6 11l6-6 6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  undo: "M9 14l-4-4 4-4M5 10h9a5 5 0 0 1 0 10h-3",
  redo: "M15 14l4-4-4-4M19 10h-9a5 5 0 0 0 0 10h3",
  book: "M12 6c-2-1.5-5-2-8-2v14c3 0 6 .5 8 2 2-1.5 5-2 8-2V4c-3 0-6 .5-8 2zM12 6v14",
  check: "M5 12l5 5L20 7",
  accept: `${circle(12, 12, 9)}M8 12l3 3 5-6`,
  person: `${circle(12, 8, 4)}M4 21c0-4 3.500-6 8-6s8 2 8 6`,
  skip: "M5 5l9 7-9 7zM19 5v14",
  reopen: "M4 12a8 8 0 1 1 2.5 5.8M4 19v-5h5",
  image: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15 9v.1",
  folder: "M3 6h6l2 3h10v10H3zM10 14h5M13 12l2 2-2 2",
  trash: "M4 7h16M9 7V4h6v3M6 7l1 13h10l1-13M10 11v5M14 11v5",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  plus: "M12 5v14M5 12h14",
  minus: "M5 12h14",
  fit: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  close: "M6 6l12 12M18 6L6 18",
  more: `${circle(5, 12, 1)}${circle(12, 12, 1)}${circle(19, 12, 1)}`,
  list: "M9 6h11M9 12h11M9 18h11M4.5 6v.1M4.5 12v.1M4.5 18v.1",
  comment: "M4 5h16v11H10l-5 4v-4H4z",
  bell: "M6 10a6 6 0 0 1 12 0c0 5 2 6 2 7H4c0-1 2-2 2-7zM10 20.500a2.500 2.500 0 0 0 4 0",
  pin: `M12 21c4-5 6-8 6-11a6 6 0 0 0-12 0c0 3 2 6 6 11z${circle(12, 10, 2)}`,
  history: "M4 12a8 8 0 1 1 2.5 5.8M4 19v-5h5M12 8v4l3 2",
  eye: `M2.5 12C5 7.500 8 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.500 6.500-9.500 6.500S5 16.500 2.500 12z${circle(12, 12, 2.5)}`,
  theme: `${circle(12, 12, 8)}M12 4v16M12 8h6.500M12 12h8M12 16h6.500`,
  leave: "M14 8V5H5v14h9v-3M10 12h11M18 9l3 3-3 3",
  lock: "M6 11h12v9H6zM8 11V8a4 4 0 0 1 8 0v3",
  warn: "M12 4l9 16H3zM12 10v4M12 17v.1",
  info: `${circle(12, 12, 9)}M12 11v5M12 8v.1`,
} as const

export type IconName = keyof typeof ICONS
