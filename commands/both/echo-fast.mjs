// Answers with its arguments, one a line, or with its standard input when it has none.
// Usage: echo-fast [WORD...]
//
// A module: it is loaded once and then called, so a call costs no process. What is here, outside the function, is kept
// between calls. All calls run in one thread: never wait without `await`, and stop when `signal` says so.

export default async function echoFast({ args, stdin, write }) {
  if (args.length > 0) return args.map((word) => `${word}\n`).join('')
  // Each write waits for a slow reader, and so the input waits, too.
  for await (const bytes of stdin) await write(bytes)
  return 0
}
