/**
 * Scripts of DevStack's shape, which are sourced with a mode and a phase: what makes hooks of them, unchanged.
 * Floor 5. Pure. Each phase has a shell of its own, so what a script sets in `source` it is given anew in each of them, as DevStack's own
 * unstack.sh and clean.sh do it; nothing else comes from one phase into another, nor from one script.
 */
import type { Phase } from './phase.js'

/** What every script finds set, if it is there; DevStack's name for it. */
export const localSettingsFile = 'localrc'

/**
 * `$0` is the script. DevStack runs with `errexit`. Its two functions that the template of a plug-in uses are here; services are
 * compared letter by letter, what is disabled stays so, and all are enabled unless `ENABLED_SERVICES` tells which.
 */
const adapter = `
echo_summary() { echo "$@"; }
is_service_enabled() {
  local name
  for name in "$@"; do
    case ",\${DISABLED_SERVICES-}," in *",$name,"*) continue ;; esac
    [[ -n \${ENABLED_SERVICES+set} ]] || return 0
    case ",$ENABLED_SERVICES," in *",$name,"*) return 0 ;; esac
  done
  return 1
}
set -o errexit
readonly NEGOTIATOR_SCRIPT=$0
if [[ -r \${0%/*}/${localSettingsFile} ]]; then source "\${0%/*}/${localSettingsFile}"; fi
if [[ $1 != override_defaults ]]; then source "$NEGOTIATOR_SCRIPT" override_defaults; fi
if [[ $1 != override_defaults && $1 != source ]]; then source "$NEGOTIATOR_SCRIPT" source; fi
source "$NEGOTIATOR_SCRIPT" "$@"
`

/** The arguments of a bash that sources a script for a phase: DevStack gives a second word in mode `stack` only. */
export function adapterWords(script: string, { mode, name }: Phase): readonly string[] {
  const words = mode === 'stack' ? [mode, name] : [mode]
  return ['-c', adapter, script, ...words]
}
