/** What the page of a pipeline is handed by the page and by the API: detectors/pipeline_views.py, pipeline_api.py. */

export type Kind = "image" | "text"

export interface Schema {
  title?: string
  description?: string
  type?: string
  format?: string
  of?: string
  enum?: readonly string[]
  default?: unknown
  minimum?: number
  maximum?: number
  minItems?: number
  anyOf?: readonly Schema[]
  items?: Schema | false
  prefixItems?: readonly Schema[]
  additionalProperties?: Schema | boolean
  contentMediaType?: string
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  $ref?: string
}

export interface DetectorKind {
  name: string
  title: string
  takes: Kind | null
  schema: Schema
  /** Why it is not to be had. */
  broken: string
}

export interface Port {
  takes: "item" | "found"
  many: boolean
}

export interface OperatorKind {
  name: string
  title: string
  ports: Readonly<Record<string, Port>>
  schema: Schema
}

export type Config = Readonly<Record<string, unknown>>

export interface GraphNode {
  id: string
  kind: string
  config?: Config
  title?: string
  x?: number
  y?: number
}

export interface GraphEdge {
  source: string
  target: string
  input?: string
  output?: string
  weight?: number
}

/** detectors/pipelines/graph.py */
export interface Graph {
  nodes: readonly GraphNode[]
  edges: readonly GraphEdge[]
  results?: readonly string[]
  v?: number
}

export interface Mistake {
  code: string
  detail: string
  node?: string
  port?: string
  field?: string
  /** Those that the project lacks. */
  labels?: readonly string[]
}

export interface Label {
  name: string
  color: string
}

/** A file that detectors work with: learned here, or uploaded. */
export interface WeightsChoice {
  digest: string
  kind: string
  title: string
}

export interface Bootstrap {
  project: { id: number; name: string; manages: boolean }
  pipeline: { id: number; name: string; number: number; graph: Graph } | null
  detectors: readonly DetectorKind[]
  operators: readonly OperatorKind[]
  labels: readonly Label[]
  weights: readonly WeightsChoice[]
  back_ends: readonly { id: number; name: string }[]
  /** How many there are of each kind. */
  items: Readonly<Record<Kind, number>>
}

/** An item to try a pipeline on, and those of its kind beside it. */
export interface Sample {
  id: number
  kind: Kind
  name: string
  text: string | null
  width: number | null
  height: number | null
  media: string | null
  previous: number | null
  next: number | null
}

export interface Saved {
  pipeline: number
  name: string
  number: number
  graph: Graph
}

export interface Version {
  number: number
  created_by: { name: string }
  created_at: string
}

export interface Progress {
  state: "running" | "paused" | "cancelled" | "done"
  items: number
  done: number
  failed: number
  speed: number | null
  left: number | null
}

export interface RunNow {
  id: number
  number: number
  size: number
  progress: Progress
}

export interface Standing {
  name: string
  number: number
  saved_by: string
  runs: readonly RunNow[]
}

export interface Failure {
  item: number
  name: string
  node: string
  detail: string
}
