/**
 * A driver that did not come with the program: a module that the configuration names by its path. docs/drivers.md is its author's page.
 * What it lacks is told by name, all at once, before anything of it is used.
 */
import { incompleteModule, loadOwnModule } from '@negotiator/common'
import type { OwnModule } from '@negotiator/common'
import type { DriverKind, DriverSpec } from './kind.js'
import { machineVerbs } from './machines.js'
import { isPiece } from './piece.js'

/** The path of a module, when that is what is meant; it is written with or without `module:`. */
export function modulePathOf({ name }: DriverSpec): string | undefined {
  const [, path] = /^(?:module:)?(\/.*)$/s.exec(name) ?? []
  return path
}

/**
 * Loads one.
 * @throws {SystemError} `driver-refused` when others may write to it, `driver-failed` when it is no driver
 */
export async function loadModuleKind(spec: DriverSpec, path: string): Promise<DriverKind> {
  const module = { what: 'driver', path }
  const { summary, discover, owns, machines } = await loadOwnModule(module)
  const lacks = [
    ...(typeof summary === 'string' ? [] : ['a text "summary"']),
    ...missingFunctions({ discover, owns }, ['discover', 'owns']),
    ...(machines === undefined ? [] : missingFunctions({ machines }, ['machines'])),
  ]
  if (lacks.length > 0) throw incomplete(module, { what: 'it', lacks })
  const exported = { summary, discover, owns, machines } as Omit<DriverKind, 'name' | 'forms'>
  return {
    ...exported,
    name: spec.name,
    forms: [spec.name],
    discover: (needs) => {
      const driver = exported.discover(needs)
      checkMade(module, { maker: 'discover', made: driver, wanted: ['list', 'watch'] })
      return driver
    },
    owns: (places) => {
      const pieces = exported.owns(places)
      const odd = pieces.filter((piece) => !isPiece(piece)).map((piece) => JSON.stringify(piece))
      if (odd.length > 0)
        throw incompleteModule(module, `its "owns" gives what is no piece: ${odd.join(', ')}`)
      return pieces
    },
    machines: exported.machines && checkedMachines(module, exported.machines),
  }
}

type MakeMachines = NonNullable<DriverKind['machines']>

function checkedMachines(module: OwnModule, make: MakeMachines): MakeMachines {
  return (needs) => {
    const machines = make(needs)
    checkMade(module, { maker: 'machines', made: machines, wanted: machineVerbs })
    return machines
  }
}

interface Made {
  /** The function that made it. */
  readonly maker: string
  readonly made: unknown
  /** The functions that it has to have. */
  readonly wanted: readonly string[]
}

function checkMade(module: OwnModule, { maker, made, wanted }: Made): void {
  const lacks = typeof made === 'object' && made !== null ? missingFunctions(made, wanted) : ['all']
  if (lacks.length > 0) throw incomplete(module, { what: `what its "${maker}" gives`, lacks })
}

function missingFunctions(holder: object, names: readonly string[]): readonly string[] {
  return names
    .filter((name) => typeof Reflect.get(holder, name) !== 'function')
    .map((name) => `a function "${name}"`)
}

function incomplete(module: OwnModule, { what, lacks }: { what: string; lacks: readonly string[] }): Error {
  return incompleteModule(
    module,
    `${what} lacks ${lacks.join(', ')}; docs/drivers.md shows one that is complete`,
  )
}
