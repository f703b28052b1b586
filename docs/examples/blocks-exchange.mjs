// An exchange: a message is its length, four bytes with the highest first, and so many bytes. Answers go back in the same way.
// Mount it in guest.toml: [[dialects]] with a dialect, exchange = "/usr/lib/negotiator/dialects/blocks-exchange.mjs" and a channel.

const messageBytesMax = 65_536
const heldBytesMax = 1_048_576

/** Called anew whenever its way was lost. Waits until somebody is at the other end. */
export async function openExchange({ openChannel, signal }) {
  const channel = await openChannel(signal)
  let [receive, held, lastId] = [undefined, Buffer.alloc(0), 0]
  let [isBusy, hasRoom, isOver] = [false, true, false]
  let tellEnd
  const ended = new Promise((resolve) => (tellEnd = resolve))

  // One at a time, for nothing in an answer tells what it answers; and none while the peer does not read.
  const giveNext = () => {
    if (receive === undefined || isBusy || !hasRoom || held.length < 4) return
    const length = held.readUInt32BE()
    // There is no mark to go on from, so who sends this is left.
    if (length > messageBytesMax) return channel.close()
    if (held.length < 4 + length) return
    const body = held.subarray(4, 4 + length)
    held = held.subarray(4 + length)
    isBusy = true
    receive({ id: (lastId += 1), body })
  }

  const send = (body) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(body.length)
    hasRoom = channel.write(Buffer.concat([length, body]))
  }

  channel.start({
    bytes(chunk) {
      held = Buffer.concat([held, chunk])
      if (held.length > heldBytesMax) channel.close()
      else giveNext()
    },
    drained() {
      hasRoom = true
      giveNext()
    },
    closed(cause) {
      isOver = true
      tellEnd(cause)
    },
  })

  return {
    ended,
    start(receiver) {
      receive = receiver
      giveNext()
    },
    reply(id, body) {
      if (isOver || id !== lastId) return
      if (body !== undefined) send(body)
      isBusy = false
      giveNext()
    },
    // What nobody asked for is dropped while the peer does not read.
    push(body) {
      if (isOver || !hasRoom) return false
      send(body)
      return true
    },
    close: () => channel.close(),
  }
}
