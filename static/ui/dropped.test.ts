import { describe, expect, test } from "vitest"
import { isImport } from "./dropped"

function dropped(...paths: string[]): { path: string; file: File }[] {
  return paths.map((path) => ({ path, file: new File(["x"], path) }))
}

describe("what is uploaded at once, and what is looked at first", () => {
  test.each([
    [["a.png", "b.JPG", "notes.txt"], false],
    [["notes.txt", "train.txt"], false],
    [["a.png", "a.txt"], true],
    [["a.png", "classes.txt"], true],
    [["a.zip"], true],
    [["a.png", "coco.json"], true],
    [["texts.csv"], true],
    [["folder/a.png"], true],
  ])("%s: %s", (paths, expected) => {
    expect(isImport(dropped(...paths))).toBe(expected)
  })
})
