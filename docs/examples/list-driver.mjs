/**
 * A driver of one's own: guests as a file lists them, a line of NAME UUID FOLDER each, with CHANNEL.sock in the folder.
 * docs/drivers.md tells what each part is for.
 */
import { readFile, watch } from 'node:fs/promises'
import { join } from 'node:path'

export const summary = 'the guests that /run/guest-list/guests lists'

const channels = ['negotiator-host-to-guest.0', 'negotiator-guest-to-host.0']
const folder = '/run/guest-list'

/** What it finds. `list` gives all guests as they are now; `watch` says that it is worth asking again. */
export function discover({ name }) {
  return { name, list, watch: watchList }
}

/** What it puts on the host: nobody but the program makes it, and only what it made is ever taken away. */
export function owns({ root }) {
  return [
    {
      kind: 'folder',
      path: join(root, folder),
      mode: 0o755,
      madeBy: 'start',
      purpose: 'the folder of the list',
    },
  ]
}

async function list(signal) {
  signal.throwIfAborted()
  const text = await readFile(join(folder, 'guests'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => guestOf(line.split(' ')))
}

function guestOf([name, uuid, place]) {
  return {
    name,
    uuid,
    sockets: Object.fromEntries(channels.map((channel) => [channel, join(place, `${channel}.sock`)])),
  }
}

async function watchList(onChange) {
  const stop = new AbortController()
  follow(onChange, stop.signal).catch(() => undefined) // There is no list yet: start the driver, then the daemon.
  return async () => stop.abort()
}

async function follow(onChange, signal) {
  for await (const _change of watch(folder, { signal })) onChange()
}
