/** What needs no libvirtd; the contract of machines, and all that needs one, is in test/src/libvirt-machines.e2e.ts. */
import { readFileSync } from 'node:fs'
import { watch } from 'node:fs/promises'
import { join } from 'node:path'
import { silentLog, systemClock } from '@negotiator/common'
import { testFolder, writeCommand } from '@negotiator/common/testing'
import { test } from 'tap'
import { testDefinition } from '../check-machines.js'
import { createLibvirtMachines } from './libvirt-machines.js'

/** Knows one domain that runs, notes what it is told, and is never done with saving it. */
const busyVirsh = (folder: string): string => `for script; do :; done
IFS=';'
for command in $script; do
  command=\${command# }
  case $command in
    uri) echo qemu:///system ;;
    'echo '*) printf %s "\${command#echo }" ;;
    'domname '*) echo web1 ;;
    'domstate '*) echo 'running (booted)' ;;
    'managedsave '*) echo saving >'${folder}/saving'; exec sleep 60 ;;
    'domjobabort '*) echo "$command" >'${folder}/aborted' ;;
  esac
done`

test('suspend() that is given up tells libvirt to let the machine go on', async (t) => {
  const folder = testFolder(t)
  const { uuid } = testDefinition()
  const machines = createLibvirtMachines({
    ...{ uri: 'qemu:///system', runFolder: folder, clock: systemClock, log: silentLog },
    program: writeCommand({ folder, name: 'virsh', script: busyVirsh(folder) }),
  })
  const enough = new AbortController()
  const changes = watch(folder)
  const refused = t.rejects(machines.suspend({ uuid, signal: enough.signal }), { message: 'enough' })
  for await (const { filename } of changes) if (filename === 'saving') break
  enough.abort(new Error('enough'))
  await refused
  t.equal(readFileSync(join(folder, 'aborted'), 'utf8'), `domjobabort ${uuid}\n`)
})
