/**
 * What an administrator of this guest says about updates: /etc/negotiator/update.toml, all of it optional, and the public keys of whoever
 * may make them, /etc/negotiator/update-keys/*.pem. Without a key there are no updates.
 */
import { createPublicKey } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { parse } from 'smol-toml'
import { missing } from '../failure.js'
import { readSmallFile } from '../files/existing-file.js'
import { withFolder } from '../files/held-folder.js'
import { assertTrusted, readSettings, settingsFolder } from '../files/load-path-rules.js'

/** The settings. */
export interface UpdateSettings {
  /** The file that is the guest's program. */
  readonly program: string
  /** What has the service manager start the daemon anew; what the machine has unless told. */
  readonly restart: readonly string[] | undefined
  readonly isDowngradeAllowed: boolean
}

/** A key, by its file's name. */
export interface UpdateKey {
  readonly name: string
  readonly key: KeyObject
}

export const keyFolder: string = `${settingsFolder}/update-keys`

const keyBytesMax = 16_384

/** @throws {CommandFailure} for what is unknown or wrong, and when others could have written it */
export function loadUpdateSettings(root: string): UpdateSettings {
  const {
    program = '/usr/local/bin/negotiator-guest',
    restart,
    'allow-downgrade': isDowngradeAllowed = false,
    ...unknown
  } = tableOf(readSettings(root, 'update.toml') ?? '')
  const [stranger] = Object.keys(unknown)
  if (stranger !== undefined)
    throw bad(`there is no setting "${stranger}"; the settings are program, restart, allow-downgrade`)
  if (typeof program !== 'string' || !program.startsWith('/')) throw bad('"program" must be an absolute path')
  if (restart !== undefined && !isCommandLine(restart))
    throw bad('"restart" must be a list such as ["systemctl", "restart", "negotiator-guest"]')
  if (typeof isDowngradeAllowed !== 'boolean') throw bad('"allow-downgrade" must be true or false')
  return { program, restart, isDowngradeAllowed }
}

/** @throws {CommandFailure} when there is none, or one is no key or could be another's */
export function loadUpdateKeys(root: string): readonly UpdateKey[] {
  const keys = isThere(root)
    ? withFolder({ root, path: keyFolder }, (folder) =>
        namesIn(folder.at('.')).map((name) => {
          assertTrusted(folder, name)
          return { name, key: keyOf(name, readSmallFile({ folder, name, bytesMax: keyBytesMax })) }
        }),
      )
    : []
  if (keys.length > 0) return keys
  throw missing(
    `Cannot take an update: no key is trusted here; an administrator puts the ed25519 public key of whoever makes them into ${keyFolder}/NAME.pem`,
  )
}

function isThere(root: string): boolean {
  const has = (path: string, name: string): boolean =>
    withFolder({ root, path }, (folder) => folder.entry(name) !== undefined)
  return has('/etc', 'negotiator') && has(settingsFolder, 'update-keys')
}

function namesIn(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => /^[^.].*\.pem$/.test(name))
    .toSorted()
}

function keyOf(name: string, text: string): KeyObject {
  try {
    const key = createPublicKey(text)
    if (key.asymmetricKeyType === 'ed25519' && text.includes('PUBLIC KEY')) return key
  } catch {
    // Said below: which of the ways it is wrong in helps nobody.
  }
  throw missing(`Cannot use the key "${keyFolder}/${name}": it is no ed25519 public key in PEM`)
}

function tableOf(text: string): Readonly<Record<string, unknown>> {
  try {
    return parse(text)
  } catch (cause) {
    throw bad(cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : 'it is not TOML')
  }
}

function isCommandLine(value: unknown): value is readonly string[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === 'string' && word !== '')
  )
}

function bad(reason: string): Error {
  return missing(`Cannot use ${settingsFolder}/update.toml: ${reason}`)
}
