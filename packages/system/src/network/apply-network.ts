/**
 * `apply-network`: gives this machine's interfaces what a cloud's records say, and takes it back unless somebody confirms.
 */
import { sentenceOf, UsageError } from '@negotiator/common'
import { readNetworkRequest } from '@negotiator/common/system'
import type {
  AppliedNetwork,
  LastNetworkChange,
  NetworkDecision,
  NetworkRequest,
  NoNetworkChange,
} from '@negotiator/common/system'
import type { Answer, SystemCall, SystemCommand } from '../command.js'
import { CommandFailure, exitFailed, wrongUsage } from '../failure.js'
import { applyChange, missingAddresses, rollBack } from './apply.js'
import { cidr } from './backend.js'
import { planChange } from './change.js'
import type { NetworkChange } from './change.js'
import { moveMarker, readLastChange } from './change-folder.js'
import type { LastChange } from './change-folder.js'
import { chooseBackend } from './detect.js'
import { readMachineInterfaces } from './machine-interfaces.js'
import { planNetwork } from './plan.js'
import { previewOf } from './preview.js'
import { removeStartUnit } from './watchdog.js'

const secondsMax = 3600
const secondsDefault = 60
/** A hundred interfaces with all they can have. */
const requestBytesMax = 1024 * 1024

export const command: SystemCommand = {
  name: 'apply-network',
  usage: '[--confirm-within SECONDS] [--backend NAME] [--dry-run] | confirm | rollback | show',
  options: { 'confirm-within': 'value', backend: 'value', 'dry-run': 'flag' },
  operands: { min: 0, max: 1 },
  run: async (call) => {
    const [action] = call.operands
    switch (action) {
      case undefined:
        return await apply(call)
      case 'confirm':
        return await confirm(call)
      case 'rollback':
        return await takeBack(call)
      case 'show':
        return await show(call)
      default:
        throw wrongUsage(
          `Cannot run apply-network ${JSON.stringify(action.slice(0, 64))}: wanted confirm, rollback, show or nothing`,
        )
    }
  },
}

async function apply(call: SystemCall): Promise<Answer> {
  const { machine, signal, options } = call
  const confirmWithinSeconds = readSeconds(options.values.get('confirm-within'))
  const request = await readRequest(call)
  const plan = planNetwork({ request, interfaces: await readMachineInterfaces(machine) })
  const backend = await chooseBackend({ machine, plan, signal, wanted: options.values.get('backend') })
  const change = await planChange({ machine, plan, backend, signal })
  if (options.flags.has('dry-run')) return preview(change)
  refuseSecond(await readLastChange(machine))
  if (change.files.length === 0 && (await missingAddresses(machine, { plan, signal })).length === 0)
    return answerOf(change, {
      state: 'unchanged',
      confirmWithinSeconds: null,
      said: 'Nothing changed: all of it was there; there is nothing to confirm',
    })
  await applyChange({ machine, change, caller: call.caller.name, confirmWithinSeconds, signal })
  return answerOf(change, {
    state: 'pending',
    confirmWithinSeconds,
    said: `It is rolled back in ${confirmWithinSeconds} seconds unless you run "apply-network confirm"`,
  })
}

function readSeconds(text: string | undefined): number {
  if (text === undefined) return secondsDefault
  const seconds = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (seconds >= 1 && seconds <= secondsMax) return seconds
  throw wrongUsage(
    `Cannot wait ${JSON.stringify(text)} for a confirmation: wanted 1 to ${secondsMax} seconds`,
  )
}

async function readRequest({ stdin }: SystemCall): Promise<NetworkRequest> {
  const chunks: Uint8Array[] = []
  let byteCount = 0
  for await (const chunk of stdin) {
    byteCount += chunk.length
    if (byteCount > requestBytesMax)
      throw wrongUsage(`Cannot read the network's records: more than ${requestBytesMax} bytes came`)
    chunks.push(chunk)
  }
  try {
    return readNetworkRequest(Buffer.concat(chunks).toString())
  } catch (error) {
    throw error instanceof UsageError ? wrongUsage(sentenceOf(error)) : error
  }
}

function refuseSecond(last: LastChange | undefined): void {
  if (last?.marker !== 'pending' && last?.marker !== 'rolling-back') return
  throw new CommandFailure(
    `Cannot apply the network: the change of ${last.record.madeAt} is ${last.marker}; run "apply-network confirm" or "apply-network rollback" first`,
    exitFailed,
  )
}

function preview(change: NetworkChange): Answer {
  const json = previewOf(change)
  const { backend, files, commandsBefore, commandsAfter, notes } = json
  const lines = [
    `# With ${backend}, nothing is changed now`,
    ...commandsBefore.map((words) => `$ ${words}`),
    ...files.flatMap(({ difference }) => difference.trimEnd().split('\n')),
    ...commandsAfter.map((words) => `$ ${words}`),
    ...notes,
  ]
  return { json, lines }
}

function answerOf(
  { plan, backend, files, notes }: NetworkChange,
  { said, ...rest }: Pick<AppliedNetwork, 'state' | 'confirmWithinSeconds'> & { readonly said: string },
): Answer {
  const interfaces = plan.interfaces.map(({ name, mac, addresses }) => ({
    name,
    mac,
    addresses: addresses.map(cidr),
  }))
  const paths = files.map(({ path }) => path)
  const lines = [
    ...interfaces.map(({ name, addresses }) => `${name} has ${addresses.join(', ')} (${backend.name})`),
    ...notes,
    said,
  ]
  const json: AppliedNetwork = { ...rest, backend: backend.name, interfaces, files: paths, notes }
  return { json, lines }
}

async function confirm({ machine }: SystemCall): Promise<Answer> {
  const isOurs = await moveMarker(machine, { from: 'pending', to: 'confirmed' })
  const last = await readLastChange(machine)
  if (isOurs) {
    await removeStartUnit(machine)
    return decided('confirmed', 'Confirmed: the network stays as it is')
  }
  const reason =
    last === undefined
      ? 'there was no change'
      : last.marker === 'confirmed'
        ? 'the last change is confirmed already'
        : 'its time was over, and the earlier network is back or on its way'
  throw new CommandFailure(`Cannot confirm the network: ${reason}`, exitFailed)
}

async function takeBack({ machine }: SystemCall): Promise<Answer> {
  // A caller that goes away does not stop it half-way.
  const { signal } = new AbortController()
  const faults = await rollBack(machine, { from: ['pending', 'confirmed'], signal })
  if (faults === '') return decided('rolled-back', 'Rolled back: the earlier network is there again')
  const reason = faults ?? 'there is no change that is not rolled back already'
  throw new CommandFailure(`Cannot roll the network back: ${reason}`, exitFailed)
}

function decided(state: NetworkDecision['state'], said: string): Answer {
  const json: NetworkDecision = { state }
  return { json, lines: [said] }
}

async function show({ machine }: SystemCall): Promise<Answer> {
  const last = await readLastChange(machine)
  const none: NoNetworkChange = { state: 'none' }
  if (last === undefined) return { json: none, lines: ['No change was made'] }
  const { marker, record, secondsLeft, isStale } = last
  const { madeAt, caller, backend, interfaces, files } = record
  const isForgotten = marker === 'pending' && isStale
  const json: LastNetworkChange = {
    state: marker,
    secondsLeft: secondsLeft ?? null,
    isForgotten,
    madeAt,
    caller,
    backend,
    interfaces,
    files,
  }
  return {
    json,
    lines: [
      `${marker}: made at ${madeAt} by ${caller}, with ${backend}`,
      ...interfaces.map(({ name, addresses }) => `${name} was given ${addresses.join(', ')}`),
      ...files.map((path) => `changed ${path}`),
      ...(secondsLeft === undefined ? [] : [`rolled back in ${secondsLeft} seconds unless it is confirmed`]),
      ...(isForgotten
        ? ['the machine was started anew since, so nobody watches: confirm it or roll it back']
        : []),
    ],
  }
}
