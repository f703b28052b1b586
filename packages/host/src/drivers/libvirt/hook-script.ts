/**
 * The script that libvirt calls when a domain changes, as packaging/libvirt/hooks/qemu.d/negotiator has it for the usual folder.
 * Pure.
 */
import { shellWord } from '@negotiator/common'

/** @param folder where the daemon's control socket lies */
export function hookScript(folder: string): string {
  return `#!/bin/sh
# libvirt calls this when a domain changes: /etc/libvirt/hooks/qemu.d/negotiator
#
# It touches a file that negotiator-host watches, and that is all: the daemon then asks libvirt itself what has changed.
# It must never ask libvirt anything, for libvirt waits for this script while it holds the domain. It waits for nobody,
# and always succeeds, for a hook that fails keeps the domain from starting.

# Where the daemon's control socket lies.
folder=${shellWord(folder)}

[ -d "$folder" ] && touch "$folder/libvirt-changed" </dev/null >/dev/null 2>&1
exit 0
`
}
