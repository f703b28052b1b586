/**
 * Where everything lies, below one root.
 * Floor 7. Pure.
 */
import { join } from 'node:path'

/** Which of the two daemons. */
export type Side = 'host' | 'guest'

/** The paths of one side. */
export interface Paths {
  readonly config: string
  readonly controlSocket: string
  /** The administrator's commands. */
  readonly commands: string
  /** What the daemon keeps from one boot to the next. */
  readonly state: string
  readonly auditFile: string
  /** The administrator's policy files. */
  readonly policy: string
  /** The administrator's hooks, a folder in it for each phase. */
  readonly hooks: string
  /** Scripts of DevStack's shape. */
  readonly extras: string
}

/** @param root `/` on a real machine; another folder for tests and the demo, which need no root rights there */
export function pathsBelow(root: string, side: Side): Paths {
  return {
    config: join(root, 'etc/negotiator', `${side}.toml`),
    controlSocket: join(root, 'run/negotiator', `${side}.sock`),
    commands: join(root, 'usr/lib/negotiator/commands'),
    state: join(root, 'var/lib/negotiator'),
    auditFile: join(root, 'var/log/negotiator', `${side}-audit.log`),
    policy: join(root, 'etc/negotiator/policy.d'),
    hooks: join(root, 'etc/negotiator/hooks.d'),
    extras: join(root, 'etc/negotiator/extras.d'),
  }
}
