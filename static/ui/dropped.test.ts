import { describe, expect, test } from "vitest"
import { isImport, isTooLarge } from "./dropped"

function dropped(...paths: string[]): { path: string; file: File }[] {
  return paths.map((path) => ({ path, file: new File(["x"], path) }))
}

describe("what is uploaded at once, and what is looked at first", () => {
  test.each([
    [["a.png", "b.JPG", "notes.txt"], false],
    [["notes.txt", "train.txt"], false],
    [["a.png", "a.txt"], true],
    [["a.png", "classes.txt"], true],
    [["a.png", "class_names.txt"], true],
    [["a.png", "gt.txt"], true],
    [["a.png", "gt_a.txt"], true],
    [["labels.txt"], false],
    [["a.zip"], true],
    [["a.png", "coco.json"], true],
    [["texts.csv"], true],
    [["folder/a.png"], true],
  ])("%s: %s", (paths, expected) => {
    expect(isImport(dropped(...paths))).toBe(expected)
  })
})

test.each([
  [2_000_000_000, false],
  [5_000_000_000, true],
])("a file of %d bytes is too large to be sent: %s", (size, expected) => {
  const file = new File([], "coco.json")
  Object.defineProperty(file, "size", { value: size })

  expect(isTooLarge({ path: file.name, file })).toBe(expected)
})
