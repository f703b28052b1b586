/**
 * `applications`: the installed packages, as the machine's package manager lists them.
 */
import type { Application, Applications } from '@negotiator/common/system'
import type { SystemCall, SystemCommand } from '../command.js'
import { missing } from '../failure.js'
import { readText } from '../files.js'
import { matchesAny } from '../matches-pattern.js'
import { parseApkDatabase } from './apk-database.js'

/** A machine has tens of thousands of packages at most, and a tool takes seconds to list them where it is emulated. */
const listTimeoutMs = 60_000

export const command: SystemCommand = {
  name: 'applications',
  usage: '[NAME...]',
  operands: { min: 0, max: Infinity },
  run: async (call) => {
    const { packageManager, applications: all } = await readApplications(call)
    const isWanted = call.operands.length === 0 ? () => true : matchesAny(call.operands)
    const applications = all.filter(({ name }) => isWanted(name))
    const answer: Applications = { packageManager, applications }
    return { json: answer, lines: applications.map(({ name, version }) => `${name} ${version}`) }
  },
}

/** The first manager that has packages: the tool of another may be installed, without any. */
async function readApplications(call: SystemCall): Promise<Applications> {
  const found = [await askDpkg(call), await askRpm(call), await readApk(call)].filter(
    (answer) => answer !== undefined,
  )
  const best = found.find(({ applications }) => applications.length > 0) ?? found[0]
  if (best === undefined)
    throw missing(
      'Cannot list packages: neither dpkg, rpm nor apk is here; this machine keeps no list of them',
    )
  return best
}

async function askDpkg(call: SystemCall): Promise<Applications | undefined> {
  const format = '${Package}\\t${Version}\\t${Architecture}\\t${db:Status-Status}\\n'
  const rows = await rowsOf(call, 'dpkg-query', ['--show', `--showformat=${format}`])
  const installed = rows?.filter(([, , , status]) => status === 'installed')
  return installed && { packageManager: 'dpkg', applications: installed.map(applicationOf) }
}

async function askRpm(call: SystemCall): Promise<Applications | undefined> {
  const format = '%{NAME}\\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\\t%{ARCH}\\n'
  const rows = await rowsOf(call, 'rpm', ['--query', '--all', '--queryformat', format])
  // Keys to check packages with are kept among them.
  const packages = rows?.filter(([name]) => name !== 'gpg-pubkey')
  return packages && { packageManager: 'rpm', applications: packages.map(applicationOf) }
}

async function readApk({ machine }: SystemCall): Promise<Applications | undefined> {
  const text =
    (await readText(machine, '/lib/apk/db/installed')) ??
    (await readText(machine, '/usr/lib/apk/db/installed'))
  return text === undefined ? undefined : { packageManager: 'apk', applications: parseApkDatabase(text) }
}

async function rowsOf(
  { machine, signal }: SystemCall,
  tool: string,
  args: readonly string[],
): Promise<readonly (readonly string[])[] | undefined> {
  const listed = await machine.run(tool, args, { signal, timeoutMs: listTimeoutMs })
  if (listed?.exitCode !== 0) return undefined
  return listed.stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([name, version]) => name !== '' && version !== undefined)
}

function applicationOf([name = '', version = '', architecture]: readonly string[]): Application {
  const hasOne = architecture !== undefined && architecture !== '' && architecture !== '(none)'
  return { name, version, architecture: hasOne ? architecture : null }
}
