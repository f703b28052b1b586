/**
 * What a host can ask of a guest by oVirt's protocol, as people say it, and the sentence that comes of it.
 * Floor 6.
 */
import { ovirtCompletionMs, ovirtConfirmationMs, ovirtNoticeLengthMax } from './ovirt-limits.js'
import type { LifecycleEvent } from './orders.js'
import type { OvirtLink } from './ovirt-link.js'
import { apiVersionMax } from './api-versions.js'
import type { HostMessageName } from './api-versions.js'
import type { MessageFields } from './message.js'
import type { Reply } from './replies.js'

/** What a guest is asked to do. */
export type Verb =
  | {
      readonly verb: 'shutdown' | 'reboot'
      readonly delaySeconds?: number | undefined
      readonly message?: string | undefined
    }
  /** To disk, or to memory. */
  | { readonly verb: 'hibernate' | 'suspend' }
  | { readonly verb: 'lock' | 'log-off' | 'refresh' | 'echo' }
  | { readonly verb: 'lifecycle'; readonly event: LifecycleEvent; readonly hasFailed?: boolean | undefined }

/** What came of it. */
export type VerbOutcome =
  | { readonly kind: 'done' }
  /** It was sent, and agents of this kind do not say what comes of it. */
  | { readonly kind: 'unconfirmed' }
  /** `not-sent`: nothing was done · `lost`: it may have been. */
  | { readonly kind: 'failed' | 'not-sent' | 'lost'; readonly reason: string }

/** Asks a guest. `unconfirmed` is what an oVirt agent of old makes of most: it says nothing. */
export async function ask(link: OvirtLink, verb: Verb): Promise<VerbOutcome> {
  const { guest } = link.snapshot()
  const sent = link.send(messageOf(verb))
  const sentence = (reason: string): string => `Cannot ask guest "${guest}" for "${verb.verb}": ${reason}`
  if (sent.kind === 'not-sent') return { kind: 'not-sent', reason: sentence(sent.reason) }
  return outcomeOf({ verb, reply: await sent.replied, sentence })
}

function outcomeOf({
  verb,
  reply,
  sentence,
}: {
  verb: Verb
  reply: Reply
  sentence: (reason: string) => string
}): VerbOutcome {
  const failed = (reason: string): VerbOutcome => ({ kind: 'failed', reason: sentence(reason) })
  switch (reply.kind) {
    case 'done':
      return { kind: 'done' }
    case 'failed':
      return failed(`its agent says: ${reply.reason}`)
    case 'lost':
      return {
        kind: 'lost',
        reason: sentence('its channel was closed before it answered; it may have been done'),
      }
    case 'silent':
      if (verb.verb === 'echo') return failed('its agent does not answer; is it running?')
      if (verb.verb === 'lifecycle')
        return failed(`its hooks did not end within ${ovirtCompletionMs / 1000} s`)
      return { kind: 'unconfirmed' }
  }
}

interface Message {
  readonly name: HostMessageName
  readonly fields?: MessageFields
  readonly patienceMs: number
}

function messageOf(verb: Verb): Message {
  const patienceMs = ovirtConfirmationMs
  switch (verb.verb) {
    case 'shutdown':
    case 'reboot': {
      const { delaySeconds: timeout = 0, message = '' } = verb
      // oVirt's agents take this truth as a text.
      const reboot = verb.verb === 'reboot' ? 'True' : 'False'
      return {
        name: 'shutdown',
        fields: { timeout, message: message.slice(0, ovirtNoticeLengthMax), reboot },
        patienceMs,
      }
    }
    case 'hibernate':
      return { name: 'hibernate', fields: { state: 'disk' }, patienceMs }
    case 'suspend':
      return { name: 'hibernate', fields: { state: 'mem' }, patienceMs }
    case 'lock':
      return { name: 'lock-screen', patienceMs }
    case 'log-off':
      return { name: 'log-off', patienceMs }
    case 'refresh':
      return { name: 'refresh', fields: { apiVersion: apiVersionMax }, patienceMs }
    case 'echo':
      return { name: 'echo', patienceMs }
    case 'lifecycle': {
      const { event: type, hasFailed } = verb
      const fields = hasFailed === true ? { type, failure: true } : { type }
      return { name: 'lifecycle-event', fields, patienceMs: ovirtCompletionMs }
    }
  }
}
