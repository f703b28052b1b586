/**
 * Asks Docker for its containers over its socket, so that its program need not be there.
 */
import { request } from 'node:http'
import { sentenceOf, systemCodeOf } from '@negotiator/common'
import { CommandFailure, exitFailed } from '../failure.js'

/** Docker is busy at times. */
const answerTimeoutMs = 10_000
const answerBytesMax = 32 * 2 ** 20

interface Question {
  readonly socketPath: string
  readonly isAll: boolean
  readonly signal: AbortSignal
}

/** @returns what Docker answers, parsed; `undefined` when nobody is behind the socket */
export async function askDocker(question: Question): Promise<unknown> {
  try {
    return JSON.parse(await answerTo(question))
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    throw new CommandFailure(`Cannot list the containers: Docker's answer: ${sentenceOf(error)}`, exitFailed)
  }
}

async function answerTo({ socketPath, isAll, signal }: Question): Promise<string> {
  const path = `/containers/json?all=${isAll ? 1 : 0}`
  const limit = AbortSignal.any([signal, AbortSignal.timeout(answerTimeoutMs)])
  return await new Promise((resolve, reject) => {
    // A host is asked for by HTTP, and Docker does not look at it.
    const asked = request({ socketPath, path, signal: limit, headers: { host: 'docker' } }, (response) => {
      const chunks: Buffer[] = []
      let byteCount = 0
      response.on('data', (chunk: Buffer) => {
        chunks.push(chunk)
        byteCount += chunk.length
        if (byteCount > answerBytesMax) asked.destroy(new Error('it is too long'))
      })
      response.on('error', reject)
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks).toString())
        else reject(new Error(`HTTP status ${response.statusCode}`))
      })
    })
    asked.on('error', reject)
    asked.end()
  })
}
