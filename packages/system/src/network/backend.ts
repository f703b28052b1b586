/**
 * What a network backend is: the files it writes for a plan, and the tools that bring them about.
 * Its functions are pure; who reads, writes and runs is apply.ts.
 */
import type { InterfacePlan, NetworkPlan } from './plan.js'

/** As `--backend` takes them. */
export const backendNames = ['systemd-networkd', 'netplan', 'ifupdown', 'networkmanager'] as const
export type BackendName = (typeof backendNames)[number]

/** A program and its arguments; no shell reads them. */
export type ToolCall = readonly [string, ...string[]]

/** A file as it shall be. */
export interface WantedFile {
  readonly path: string
  readonly content: string
  /** Of a new file; one that is there keeps its own. */
  readonly mode: number
}

/** What `render` is given. */
export interface RenderRequest {
  readonly plan: NetworkPlan
  /** The files of `sources`, by path. */
  readonly existing: ReadonlyMap<string, string>
}

export interface Backend {
  readonly name: BackendName
  /** What must be on this machine. */
  readonly tools: readonly string[]
  /** Files, and folders with a pattern of names, that `render` has to see. */
  readonly sources: readonly { readonly path: string; readonly names?: RegExp }[]
  readonly render: (request: RenderRequest) => readonly WantedFile[]
  /** Before the files change, while the tool still knows what to take down. */
  readonly before: (request: RenderRequest) => readonly ToolCall[]
  /** After they changed, either way: `existing` is what is there then. */
  readonly after: (request: RenderRequest) => readonly ToolCall[]
  /** Only after the plan's files came. */
  readonly bringUp?: (plan: NetworkPlan) => readonly ToolCall[]
  /** Printed before anything changes; `undo` is given its output. */
  readonly observe?: ToolCall
  /** Only after the earlier files came back. */
  readonly undo?: (request: { readonly plan: NetworkPlan; readonly observed: string }) => readonly ToolCall[]
  /** When the files came back while the machine was starting, before its network. */
  readonly atStart?: readonly ToolCall[]
  /** It sees to the name servers itself, in whatever way this machine has. */
  readonly bringsNameServers: boolean
}

/** First line of what is written whole. */
export const authorLine = 'Written by apply-network; "apply-network rollback" puts back what was here before.'

/** A record's label for a comment or a name: one line that can end neither. */
export function labelOf({ label, name }: InterfacePlan): string {
  return (label ?? name).replace(/[^\w .@+-]/g, '_').slice(0, 64)
}

/** `192.0.2.42/24`. */
export function cidr({
  address,
  prefixLength,
}: {
  readonly address: string
  readonly prefixLength: number
}): string {
  return `${address}/${prefixLength}`
}
