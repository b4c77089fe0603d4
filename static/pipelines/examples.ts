/** Pipelines to start from. */

import { t } from "../ui/strings"
import type { Graph, Kind } from "./contract"

export interface Example {
  title: string
  about: string
  of: Kind
  graph: Graph
}

export const START = (of: Kind): Graph => ({
  nodes: [{ id: "items", kind: "items", config: { of }, x: 0, y: 0 }],
  edges: [],
})

const faces = { id: "faces", kind: "faces", config: {}, x: 260, y: 0 }
const eyes = { kind: "eyes", config: { smallest: 12 } }

export const EXAMPLES: readonly Example[] = [
  {
    title: t("Faces, then eyes in each face"),
    about: t("A detector looks into what another has found; only faces with two eyes are suggested."),
    of: "image",
    graph: {
      nodes: [
        ...START("image").nodes,
        faces,
        { id: "eyes", kind: "each", title: t("Eyes in each face"), config: { detector: eyes }, x: 260, y: 240 },
        {
          id: "both",
          kind: "relate",
          title: t("Faces with two eyes"),
          config: { relation: "contains", at_least: 2, share: 0.8 },
          x: 540,
          y: 110,
        },
      ],
      edges: [
        { source: "items", target: "faces" },
        { source: "faces", target: "eyes" },
        { source: "faces", target: "both" },
        { source: "eyes", target: "both", input: "to" },
      ],
    },
  },
  {
    title: t("Slide over large photos"),
    about: t("Small things in large photos: the detector looks at tiles, and what two tiles share is merged."),
    of: "image",
    graph: {
      nodes: [
        ...START("image").nodes,
        {
          id: "tiles",
          kind: "slide",
          title: t("Faces, tile by tile"),
          config: { detector: { kind: "faces", config: {} }, tile: 640 },
          x: 260,
          y: 0,
        },
        { id: "sure", kind: "filter", title: t("Not too small"), config: { widths: [24, null] }, x: 520, y: 0 },
      ],
      edges: [
        { source: "items", target: "tiles" },
        { source: "tiles", target: "sure" },
      ],
    },
  },
  {
    title: t("E-mails and dates"),
    about: t("Addresses and days in texts, each under its own label."),
    of: "text",
    graph: {
      nodes: [
        ...START("text").nodes,
        {
          id: "patterns",
          kind: "patterns",
          title: t("E-mails and dates"),
          config: { numbers: false, addresses: false, phones: false, money: false },
          x: 260,
          y: 0,
        },
      ],
      edges: [{ source: "items", target: "patterns" }],
    },
  },
  {
    title: t("Names from a list"),
    about: t("Every place where a name of a list is said."),
    of: "text",
    graph: {
      nodes: [
        ...START("text").nodes,
        {
          id: "names",
          kind: "dictionary",
          title: t("Names from a list"),
          config: { phrases: ["Ada Lovelace", "Grace Hopper"], label: "name" },
          x: 260,
          y: 0,
        },
      ],
      edges: [{ source: "items", target: "names" }],
    },
  },
]
