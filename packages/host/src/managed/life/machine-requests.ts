/**
 * What local programs ask of managed guests through the control socket.
 * Who may define guests may start them: root and the daemon's own user, and nobody else, whoever may call commands.
 */
import { DeniedError, NegotiatorError, sentenceOf, UsageError, writeJsonLine } from '@negotiator/common'
import type { IncomingCall, MachineNeeds, Result } from '@negotiator/common'
import { resumeGuest, startGuest, stopGuest, suspendGuest } from './guest-acts.js'
import type { ManagedGuests } from './managed-guests.js'
import { stopModes } from './report.js'
import type { GuestReport, StopMode } from './report.js'
import type { RunnerTools } from './runner-tools.js'

interface RequestNeeds extends MachineNeeds {
  readonly managed: ManagedGuests
  readonly tools: RunnerTools
}

/** Serves such a request: a line for each guest, and `exited` 0 when all is as it was wanted. */
export function serveMachines(stream: IncomingCall, needs: RequestNeeds): void {
  const left = new AbortController()
  const stop = (): void =>
    left.abort(new UsageError('It was broken off, for the caller left', { code: 'cancelled' }))
  stream.listen({ stop, signal: () => undefined })
  void answer(stream, { ...needs, signal: left.signal }).then((result) => stream.finish(result))
}

async function answer(
  stream: IncomingCall,
  needs: RequestNeeds & { readonly signal: AbortSignal },
): Promise<Result> {
  try {
    assertMay(needs)
    let code = 0
    for await (const report of reports(needs)) {
      if (report.outcome === 'failed') code = 1
      writeJsonLine(stream.stdout, report)
    }
    return { kind: 'exited', code }
  } catch (error) {
    if (!(error instanceof NegotiatorError)) throw error
    // Nothing was done then; of a guest to which something was done there is a report.
    return { kind: error instanceof DeniedError ? 'denied' : 'unreachable', reason: sentenceOf(error) }
  }
}

async function* reports({
  request,
  managed,
  tools,
  signal,
}: RequestNeeds & { readonly signal: AbortSignal }): AsyncGenerator<GuestReport, void> {
  const { action, target, timeoutMs } = request
  if (action === 'host-shutdown') {
    yield* managed.takeAllDown('onHostShutdown', { timeoutMs, signal })
    return
  }
  if (target === undefined)
    throw new UsageError('Cannot act on a managed guest: none is named', { code: 'bad-request' })
  const mode = stopModeOf(request.mode)
  yield await managed.act(target, async (runner) => {
    const acting = { runner, tools, signal }
    switch (action) {
      case 'start':
        return await startGuest({ ...acting, why: 'asked' })
      case 'stop': {
        const untilMs = timeoutMs === undefined ? undefined : tools.clock.now() + timeoutMs
        return await stopGuest({ ...acting, why: 'asked', mode, untilMs })
      }
      case 'suspend':
        return await suspendGuest(acting)
      case 'resume':
        return await resumeGuest(acting)
    }
  })
}

/** @throws {DeniedError} `denied` */
function assertMay({ program: { user }, request }: RequestNeeds): void {
  if (user !== undefined && [0, process.geteuid?.()].includes(user.userId)) return
  const who = user === undefined ? 'whoever this is' : `the user "${user.userName}"`
  throw new DeniedError(
    `Cannot ${request.action === 'host-shutdown' ? 'stop the managed guests' : `${request.action} a managed guest`}: ${who} may not; root and the user of the daemon may`,
    { code: 'denied' },
  )
}

/** @throws {UsageError} `bad-request` */
function stopModeOf(mode: string | undefined): StopMode | undefined {
  const known = stopModes.find((name) => name === mode)
  if (known !== undefined || mode === undefined) return known
  throw new UsageError(
    `Cannot stop a guest by "${mode.slice(0, 64)}": the modes are ${stopModes.join(', ')}`,
    {
      code: 'bad-request',
    },
  )
}
