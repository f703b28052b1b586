/**
 * Who the user behind a connection to the control socket is.
 * Floor 7. The numbers are the kernel's, asked at once; the names follow, and nobody is served before they are known.
 */
import type { Socket } from 'node:net'
import type { Clock } from '../clock.js'
import { SystemError, sentenceOf } from '../errors.js'
import { localGroupsMax } from './limits.js'
import type { Log } from '../log.js'
import type { FindKoffi } from '../native/koffi.js'
import type { LocalUser } from '../policy/caller.js'
import { openPeerCredentials } from './peer-credentials.js'
import type { PeerCredentials, ReadCredentials } from './peer-credentials.js'
import { UserNames } from './user-names.js'

interface LocalUsersOptions {
  readonly findKoffi: FindKoffi
  readonly clock: Clock
  readonly log: Log
}

/** The users of this machine, as the control socket sees them. */
export class LocalUsers {
  readonly #read: ReadCredentials | undefined
  readonly #names: UserNames

  private constructor({ read, names }: { read: ReadCredentials | undefined; names: UserNames }) {
    this.#read = read
    this.#names = names
  }

  /** Says in the log what follows when the kernel cannot be asked. */
  static async open({ findKoffi, clock, log }: LocalUsersOptions): Promise<LocalUsers> {
    const names = new UserNames({ clock })
    try {
      return new LocalUsers({ read: openPeerCredentials(await findKoffi()), names })
    } catch (error) {
      log.warn(
        'Cannot ask the kernel who a local program is, so rules with `user:` or `group:` match nobody; install koffi beside the program, for this processor and C library, and restart the daemon',
        { reason: sentenceOf(error) },
      )
      return new LocalUsers({ read: undefined, names })
    }
  }

  /** Whether the kernel can be asked. */
  get areKnown(): boolean {
    return this.#read !== undefined
  }

  /** Asks the kernel; to be called before anything is awaited, for a connection that is over cannot be asked about. */
  credentialsOf(socket: Socket): PeerCredentials | undefined {
    return this.#read?.(socket)
  }

  /** @throws {SystemError} `name-unknown`, `too-many-groups` */
  async userOf({ processId, userId, groupId, moreGroupIds }: PeerCredentials): Promise<LocalUser> {
    const groupIds = [...new Set([groupId, ...moreGroupIds])]
    if (groupIds.length > localGroupsMax)
      throw new SystemError(
        `Cannot find the names of ${groupIds.length} groups: at most ${localGroupsMax} are looked up`,
        { code: 'too-many-groups' },
      )
    const [userName, groupNames] = await Promise.all([
      this.#names.ofUser(userId),
      this.#names.ofGroups(groupIds),
    ])
    return { userId, userName, groupNames, groupIds, processId }
  }
}
