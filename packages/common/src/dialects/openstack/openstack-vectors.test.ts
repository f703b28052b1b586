/**
 * Requests and answers as they were seen on the wire, byte for byte.
 */
import { test } from 'tap'
import { OldKeyPair } from './old-key-exchange.js'
import { OpenStackStage } from './test-openstack-stage.js'

const guestKey = 0x0011_2233_4455_6677_8899_aabb_ccdd_eeffn
const hostPublicKey = '128492706489454800633959484585958'
const guestPublicKey = '10213771857304028832860390748511'

interface Exchanged {
  readonly request: string
  readonly answer: string
}

const vectors: readonly Exchanged[] = [
  { request: '{"name": "version", "value": "agent"}', answer: '{"message": "1.39.1", "returncode": "0"}' },
  { request: '{"name":"version","value":"agent"}', answer: '{"message": "1.39.1", "returncode": "0"}' },
  {
    request: '{"name": "nosuch", "value": ""}',
    answer: `{"message": "No such agent command 'nosuch'", "returncode": "404"}`,
  },
  { request: 'version', answer: '{"message": "Request is malformed", "returncode": "500"}' },
  { request: '{"value": 1}', answer: `{"message": "Request is missing 'name' key", "returncode": "500"}` },
  {
    request: '{"name": "password", "value": "Gk3NH44nVy80S3tLzsi+7g=="}',
    answer: '{"message": "Password without key exchange", "returncode": "500"}',
  },
  {
    request: '{"name": "password", "value": "!"}',
    answer: `{"message": "Couldn't decode base64 data", "returncode": "500"}`,
  },
  {
    request: `{"name": "keyinit", "value": "${hostPublicKey}"}`,
    answer: `{"message": "${guestPublicKey}", "returncode": "D0"}`,
  },
  {
    request: '{"name": "password", "value": "Gk3NH44nVy80S3tLzsi+7g=="}',
    answer: '{"message": "", "returncode": "0"}',
  },
  {
    // A number that a double cannot hold.
    request: `{"name": "keyinit", "value": ${hostPublicKey}}`,
    answer: `{"message": "${guestPublicKey}", "returncode": "D0"}`,
  },
  {
    request: '{"name": "password", "value": "AAAAAAAAAAAAAAAAAAAAAA=="}',
    answer: '{"message": "Invalid password data received", "returncode": "500"}',
  },
  {
    request: '{"name": "injectfile", "value": "L3RtcC9hIGIudHh0LGhlbGxvLCB3b3JsZAo="}',
    answer: '{"message": "", "returncode": "0"}',
  },
  {
    request: '{"name": "features", "value": ""}',
    answer:
      '{"message": "version,features,keyinit,password,injectfile,file_inject,agentupdate,resetnetwork,kmsactivate", "returncode": "0"}',
  },
]

test('the answers are those of the old agents, byte for byte', async (t) => {
  const stage = new OpenStackStage({
    version: '1.39.1',
    hasOldKeyExchange: true,
    makeKeyPair: () => new OldKeyPair(guestKey),
  })
  for (const { request, answer } of vectors) t.equal(await stage.ask(request), answer, request)
  t.match(stage.calls, [
    { command: 'set-password', args: ['root'], input: 's3cret\n' },
    { command: 'file-put', args: ['--parents', '--backup', '/tmp/a b.txt'], input: 'hello, world\n' },
  ])
})
