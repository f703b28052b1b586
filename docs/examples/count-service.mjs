// A service for a socket command: counts the calls of each caller, for as long as it runs.
// Usage: node count-service.mjs SOCKET, such as /usr/lib/negotiator/commands/count-calls
//
// Each call is one connection. Its first line is JSON and says who calls: command, args, caller, callerKind,
// callerUuid, guest, callId. Standard input follows, to its end. What is written back is the answer.

import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'

const [path] = process.argv.slice(2)
if (path === undefined) {
  process.stderr.write('Usage: node count-service.mjs SOCKET\n')
  process.exit(64)
}

const counts = new Map()

async function answer(connection) {
  const lines = createInterface({ input: connection })
  const [line] = await once(lines, 'line')
  // The daemon alone can connect, so the caller is who it says.
  const { caller, args } = JSON.parse(line)
  // What is left unread when the connection closes would look like a broken one.
  connection.resume()
  if (args.length > 0) return connection.end('count-calls takes no arguments\n')
  counts.set(caller, (counts.get(caller) ?? 0) + 1)
  connection.end(`${counts.get(caller)}\n`)
}

const server = createServer({ allowHalfOpen: true }, (connection) => {
  connection.on('error', () => connection.destroy())
  answer(connection).catch(() => connection.destroy())
})

// Nobody else may connect from the first instant on; a socket left behind by a crash would be in the way.
process.umask(0o077)
rmSync(path, { force: true })
server.listen(path, () => process.stdout.write('ready\n'))
process.once('SIGTERM', () => process.exit(0))
process.once('exit', () => rmSync(path, { force: true }))
