/**
 * The shell scripts that stand beside a change: one puts back what was there, one waits for the word and calls the first.
 * Pure. They need a shell, `cp`, `mv`, `rm`, `sleep` and the backend's tool, and nothing of ours: they work after the daemon
 * has gone. Whoever moves the marker first decides, so a confirmation and the end of the time never both win.
 */
import { shellWord } from '@negotiator/common'

/** The folder of the last change, with its scripts. */
export const changeFolder = '/var/lib/negotiator/network/last'

/** Beside them in the change's folder; they are moved, never written anew. */
export const markers = ['pending', 'confirmed', 'rolling-back', 'rolled-back'] as const
export type Marker = (typeof markers)[number]

/** A file for the script: what is kept of it, or that there was none. */
export interface KeptFile {
  /** With the machine's root. */
  readonly path: string
  /** Its name in the change's folder. */
  readonly kept: string | undefined
}

interface RollBackParts {
  /** The change's folder, with the machine's root. */
  readonly folder: string
  readonly files: readonly KeptFile[]
  /** Whole paths of tools, with their arguments. */
  readonly before: readonly (readonly string[])[]
  readonly after: readonly (readonly string[])[]
  readonly atStart: readonly (readonly string[])[]
  /** Gone when it is done. */
  readonly startPaths: readonly string[]
}

const path = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Its arguments: `now` or `start`, and the markers that it may take. */
export function rollBackScript({ folder, files, before, after, atStart, startPaths }: RollBackParts): string {
  const tried = (call: readonly string[]): string => `  try ${line(call)}`
  return `#!/bin/sh
# Puts back what was here before apply-network; made by it.
${path} LC_ALL=C.UTF-8
export PATH LC_ALL
cd ${shellWord(folder)} || exit 1
mode=$1
shift
taken=
for marker; do
  # Whoever moves it decides; all others leave.
  [ "$taken" ] || { mv "$marker" rolling-back 2>/dev/null && taken=yes; }
done
[ "$taken" ] || exit 3
exec >>roll-back.log 2>&1
failed=0
try() { "$@" || { failed=1; echo "failed: $*"; }; }
put() { cp -p "$1" "$2.negotiator~" && mv -f "$2.negotiator~" "$2"; }

if [ "$mode" = now ]; then
  :
${before.map(tried).join('\n')}
fi
${files.map(({ path, kept }) => (kept === undefined ? `try rm -f ${shellWord(path)}` : `try put ${line([kept, path])}`)).join('\n')}
if [ "$mode" = now ]; then
  :
${after.map(tried).join('\n')}
else
  :
${atStart.map(tried).join('\n')}
fi
rm -f ${line(startPaths)}
mv rolling-back rolled-back
exit $failed
`
}

/** Looks at the clock that no one can set, once a second. */
export function watchScript({
  folder,
  uptimePath,
}: {
  readonly folder: string
  readonly uptimePath: string
}): string {
  return `#!/bin/sh
# Waits for "apply-network confirm"; made by apply-network.
${path}
export PATH
cd ${shellWord(folder)} || exit 1
while [ -e pending ]; do
  read -r uptime rest <${shellWord(uptimePath)}
  read -r deadline <deadline
  if [ "\${uptime%.*}" -ge "$deadline" ]; then exec /bin/sh ./roll-back.sh now pending; fi
  sleep 1
done
`
}

/** For a machine that is started anew while nobody has confirmed: the earlier files are back before its network is there. */
export function startUnit({ folder }: { readonly folder: string }): string {
  return `# Made by apply-network; gone when its change is confirmed or rolled back.
[Unit]
Description=Puts back the network that nobody confirmed
DefaultDependencies=no
ConditionPathExists=|${folder}/pending
ConditionPathExists=|${folder}/rolling-back
RequiresMountsFor=${folder} /etc
After=systemd-remount-fs.service
Before=network-pre.target shutdown.target
Wants=network-pre.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/bin/sh ${folder}/roll-back.sh start pending rolling-back
`
}

/** For `before` and `after` of a backend, after its tools are found. */
export function line(words: readonly string[]): string {
  return words.map(shellWord).join(' ')
}
