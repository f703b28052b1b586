// A dialect: a line is a command and its arguments, the answer is `+` and the output, or `-` and why there is none.
// Mount it in guest.toml: [[dialects]] with dialect = "/usr/lib/negotiator/dialects/words-dialect.mjs" and a channel.

/** Called for each connection, so what is kept in here is one peer's. */
export function openDialect({ options, log }) {
  const { greeting = 'ready' } = options
  if (typeof greeting !== 'string') throw new Error('Cannot use the option "greeting": it is not a text')
  return {
    // The audit log's lines have it in `via`.
    name: 'words',
    // Read one at a time, for nothing in an answer tells which line it answers; our lines end with LF.
    lines: { end: '\n', atOnceMax: 1 },

    // Only who says something without being asked needs this.
    start(switchboard) {
      switchboard.push(Buffer.from(greeting))
    },

    parse(body) {
      const [command, ...args] = body.toString().split(' ')
      if (command === 'help') return { kind: 'answer', body: Buffer.from('+ a command and its arguments') }
      return {
        kind: 'calls',
        answer: async (switchboard) => answer(await switchboard.run({ command, args })),
      }
    },

    // A line was too long, one too many, or something in here threw.
    refuse: (fault) => Buffer.from(`- ${fault}`),

    close: () => log.debug('A peer has left', { dialect: 'words' }),
  }
}

/** `result.kind` is `exited` or `signalled` when a command was run; otherwise `result.reason` says why it was not. */
function answer({ result, stdout, isCut }) {
  if ('reason' in result) return Buffer.from(`- ${result.kind}: ${result.reason}`)
  if (result.code !== 0 || isCut)
    return Buffer.from(`- ${isCut ? 'too much output' : JSON.stringify(result)}`)
  return Buffer.from(`+ ${JSON.stringify(stdout.toString())}`)
}
