/**
 * The one schema of a managed guest's definition, as it is written in a file, whichever form the file has.
 * Pure. It loads zod, so a program imports it only once it has a definition at hand. Each fault is a sentence of its own.
 */
import { isAbsolute } from 'node:path'
import {
  parseByteCount,
  parseDurationMs,
  parseUuid,
  wantedByteCount,
  wantedDuration,
} from '@negotiator/common'
import * as z from 'zod/mini'
import type { ZodMiniType } from 'zod/mini'
import { defaults, partDefaults } from './defaults.js'
import type { DefinitionValues } from './definition-values.js'
import { shown } from './problem.js'
import type { Problem } from './problem.js'
import { count, list, listed, matching, oneOf, saying, table, text } from './setting-kinds.js'

/** QEMU's own limit on the command line of a Linux kernel is the kernel's. */
const kernelArgsLengthMax = 2047
const vcpuCountMax = 4096
const memoryBytesMin = 2 ** 20

const absolutePath = text('an absolute path', (value) => isAbsolute(value) && value.length <= 4095)
const duration = text(wantedDuration, (value) => parseDurationMs(value) !== undefined)
const step = text(
  `${wantedDuration}, or "skip"`,
  (value) => value === 'skip' || parseDurationMs(value) !== undefined,
)
const linkName = matching('the name of a network device, 1 to 15 characters', /^[^\s/,=]{1,15}$/)
const exitAction = oneOf('destroy', 'restart', 'preserve', 'rename-restart')
const downAction = oneOf('ignore', 'shutdown', 'suspend')

const kernel = table({
  path: absolutePath,
  initrd: z.optional(absolutePath),
  args: z._default(
    text(
      `one line of ${kernelArgsLengthMax} characters at most`,
      (value) => !value.includes('\n') && value.length <= kernelArgsLengthMax,
    ),
    partDefaults.kernel.args,
  ),
})

const disk = table({
  path: absolutePath,
  format: z._default(oneOf('raw', 'qcow2'), partDefaults.disk.format),
  kind: z._default(oneOf('disk', 'cdrom'), partDefaults.disk.kind),
  bus: z._default(oneOf('virtio', 'scsi', 'sata', 'ide'), partDefaults.disk.bus),
  read_only: z._default(z.boolean(saying('true or false')), partDefaults.disk.read_only),
})

const everyInterface = {
  mac: matching(
    'the address of one device, such as "52:54:00:12:34:56"',
    /^[0-9a-f][02468ace](?::[0-9a-f]{2}){5}$/,
  ),
  model: z._default(
    matching('a device of QEMU, such as "virtio-net-pci"', /^[a-z0-9][a-z0-9-]{0,63}$/),
    partDefaults.interface.model,
  ),
}

const networkInterface = z.discriminatedUnion(
  'kind',
  [
    table({ kind: z.literal('user'), ...everyInterface }),
    table({ kind: z.literal('bridge'), bridge: linkName, ...everyInterface }),
    table({ kind: z.literal('tap'), device: linkName, ...everyInterface }),
  ],
  {
    error: ({ input }) =>
      typeof input === 'object' && input !== null
        ? saying(listed(['user', 'bridge', 'tap'])).error({ input: Reflect.get(input, 'kind') })
        : saying('a table').error({ input }),
  },
)

const definition: ZodMiniType<DefinitionValues> = table({
  uuid: text(
    'a uuid in lower case such as "9b1f0f3a-0000-4000-8000-000000000001", and not all zeros',
    (value) => parseUuid(value) === value,
  ),
  name: text(
    'letters, digits, ".", "_" and "-", 64 at most, a letter or digit first, and no uuid',
    (value) => /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(value) && parseUuid(value) === undefined,
  ),
  driver: z._default(
    matching('the name of a driver, or the path of its module', /^[a-z/][A-Za-z0-9@/:._+-]{0,999}$/),
    defaults.driver,
  ),
  memory: text(
    `${wantedByteCount}, 1MiB at least`,
    (value) => (parseByteCount(value) ?? 0) >= memoryBytesMin,
  ),
  vcpus: z._default(count(1, vcpuCountMax), defaults.vcpus),
  kernel: z.optional(kernel),
  disks: z._default(list(disk), [...defaults.disks]),
  interfaces: z._default(list(networkInterface), [...defaults.interfaces]),
  qemu_options: z._default(list(text('one argument of QEMU', (value) => value !== '')), [
    ...defaults.qemu_options,
  ]),
  on_daemon_start: z._default(oneOf('ignore', 'start'), defaults.on_daemon_start),
  on_daemon_stop: z._default(downAction, defaults.on_daemon_stop),
  on_host_shutdown: z._default(downAction, defaults.on_host_shutdown),
  on_poweroff: z._default(exitAction, defaults.on_poweroff),
  on_reboot: z._default(exitAction, defaults.on_reboot),
  on_crash: z._default(exitAction, defaults.on_crash),
  stop: z.prefault(
    table({
      agent: z._default(step, defaults.stop.agent),
      acpi: z._default(step, defaults.stop.acpi),
      kill: z._default(step, defaults.stop.kill),
    }),
    {},
  ),
  restart: z.prefault(
    table({
      first_wait: z._default(duration, defaults.restart.first_wait),
      longest_wait: z._default(duration, defaults.restart.longest_wait),
      reset_after: z._default(duration, defaults.restart.reset_after),
      restarts_max: z._default(count(0, 1_000_000), defaults.restart.restarts_max),
    }),
    {},
  ),
})

/** Checks a definition, fills in what it leaves to the defaults, and finds all that is wrong. */
export function checkValues(
  values: Readonly<Record<string, unknown>>,
): { readonly values: DefinitionValues } | { readonly problems: readonly Problem[] } {
  const result = definition.safeParse(values)
  const problems = [...(result.error?.issues ?? []).flatMap(problemsOf), ...bootProblems(values)]
  return result.success && problems.length === 0 ? { values: result.data } : { problems }
}

function bootProblems({ kernel: given, disks }: Readonly<Record<string, unknown>>): readonly Problem[] {
  const hasNoDisk = disks === undefined || (Array.isArray(disks) && disks.length === 0)
  if (given !== undefined || !hasNoDisk) return []
  return [
    {
      path: 'kernel',
      sentence: 'there is neither a kernel nor a disk to boot from; give "kernel" or "disks"',
    },
  ]
}

function problemsOf(issue: z.core.$ZodIssue): readonly Problem[] {
  const { path, message } = issue
  if (issue.code !== 'unrecognized_keys') return [{ path: placeOf(path), sentence: message }]
  const sentences = message.split('\n')
  return issue.keys.map((key, index) => ({
    path: placeOf([...path, key]),
    sentence: sentences[index] ?? message,
  }))
}

/** An odd key is shown as a text, so that it drives no terminal. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => {
      if (typeof part === 'number') return `[${part}]`
      return /^[\w-]+$/.test(String(part)) ? `.${String(part)}` : `.${shown(String(part))}`
    })
    .join('')
    .replace(/^\./, '')
}
