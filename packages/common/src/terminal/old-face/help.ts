/**
 * What --help tells of the old face.
 * Floor 8.
 */
import type { Side } from '../../agent/paths.js'

const common = `
  -t, --timeout=SECONDS           give up after so long, with exit status 124; 10 unless given, 0 for never
  -d, --daemon                    run the daemon in the foreground`

const classicExit = `
  --classic-exit                  exit with 1 for any failure, as python-negotiator does`

const texts: Readonly<Record<Side, string>> = {
  host: `
As python-negotiator has it:
  negotiator-host -g              print the names of the guests
  negotiator-host -c GUEST        print the names of the commands in a guest
  negotiator-host -e COMMAND GUEST
                                  run a command in a guest, and print its output
  -g, --list-guests; -c, --list-commands; -e, --execute=COMMAND; several are done in order${common}${classicExit}`,
  guest: `
As python-negotiator has it:
  negotiator-guest -l             print the names of the commands on the host
  negotiator-guest -e COMMAND     run a command on the host, and print its output
  -l, --list-commands; -e, --execute=COMMAND${common}
  -c, --character-device=PATH     with -d: the device of the port on which the host calls${classicExit}`,
}

/** The part of the help that is about the old face. */
export function oldFaceHelp(side: Side): string {
  return texts[side]
}
