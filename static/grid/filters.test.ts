import { expect, test } from "vitest"

import { fromAddress, narrows, NONE, toAddress, toQuery } from "./filters"

test("an address and the filters say the same", () => {
  const address =
    "?status=done&label=3&author=4&tag=5&from=2026-01-31&to=2026-02-01&worked=2026-02-03" +
    "&made=any&finisher=4&finished=2026-02-03&took=90&q=a+b%26c&sort=name"

  expect(toAddress(fromAddress(address))).toBe(address)
  expect(toAddress(fromAddress("?status=finished"))).toBe("?status=finished")
})

test("what an address does not say well is left out", () => {
  expect(fromAddress("?status=lost&label=x&author=-1&from=2026-13-01&to=soon&sort=size&more=1")).toEqual(NONE)
})

test("the usual order and no filters leave the address bare", () => {
  expect(toAddress(NONE)).toBe("")
  expect(narrows({ ...NONE, sort: "name" })).toBe(false)
  expect(narrows({ ...NONE, q: "a" })).toBe(true)
})

test("days are asked for from midnight to midnight where the person is", () => {
  const asked = toQuery({ ...NONE, from: "2026-01-31", to: "2026-01-31" })
  const [from, to] = [asked.get("from") ?? "", asked.get("to") ?? ""]

  expect(new Date(from)).toEqual(new Date(2026, 0, 31))
  expect(new Date(to)).toEqual(new Date(2026, 1, 1))
})
