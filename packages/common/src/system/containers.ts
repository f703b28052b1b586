/**
 * What `containers` answers.
 * Floor 1. The command prints it with `--json`; the schema checks what a guest answered.
 */
import * as z from 'zod/mini'

/** A container. */
export interface Container {
  readonly id: string
  readonly names: readonly string[]
  readonly image: string
  readonly command: string
  /** For people, such as `Up 2 hours`. */
  readonly status: string
  readonly runtime: 'docker' | 'podman'
}

export interface Containers {
  readonly containers: readonly Container[]
}

export const containersSchema: z.ZodMiniType<Containers> = z.strictObject({
  containers: z.array(
    z.strictObject({
      id: z.string().check(z.minLength(1)),
      names: z.array(z.string()),
      image: z.string(),
      command: z.string(),
      status: z.string(),
      runtime: z.enum(['docker', 'podman']),
    }),
  ),
})
