/**
 * What the host's half writes for an agent of old, and what it reads, byte for byte.
 */
import { join } from 'node:path'
import { test } from 'tap'
import { systemClock } from '../../clock.js'
import { testFolder } from '../../test-folder.js'
import { connectXenStore } from '../xenstore/client.js'
import { TestXenStoreServer } from '../xenstore/test-xenstore-server.js'
import { OpenStackAgent } from './host-agent.js'

const features = {
  request: '{"name": "features", "value": ""}',
  answer:
    '{"message": "kmsactivate,resetnetwork,version,keyinit,features,password,agentupdate,injectfile", "returncode": "0"}',
}

const newerFeatures = { ...features, answer: '{"message": "features,file_inject", "returncode": "0"}' }

const done = '{"message": "", "returncode": "0"}'

interface Vector {
  readonly title: string
  readonly call: (agent: OpenStackAgent) => Promise<unknown>
  /** What the host writes, one after the other, and what the agent writes then. */
  readonly exchanged: readonly { readonly request: string | RegExp; readonly answer: string }[]
  /** What the caller gets, or the sentence that it is told. */
  readonly outcome: unknown
}

const vectors: readonly Vector[] = [
  {
    title: 'version',
    call: async (agent) => await agent.version(),
    exchanged: [
      {
        request: '{"name": "version", "value": "agent"}',
        answer: '{"message": "1.39.1", "returncode": "0"}',
      },
    ],
    outcome: '1.39.1',
  },
  {
    title: 'version of a Windows agent, with its four characters behind it',
    call: async (agent) => await agent.version(),
    exchanged: [
      {
        request: '{"name": "version", "value": "agent"}',
        answer: String.raw`{"returncode":"0","message":"1.3.1.0\\r\\n"}`,
      },
    ],
    outcome: '1.3.1.0',
  },
  {
    title: 'features, unordered',
    call: async (agent) => (await agent.features()).length,
    exchanged: [features],
    outcome: 8,
  },
  {
    title: 'features of an agent that knows no such call',
    call: async (agent) => await agent.features(),
    exchanged: [
      { ...features, answer: `{"message": "No such agent command 'features'", "returncode": "404"}` },
    ],
    outcome: [],
  },
  {
    title: 'injectfile',
    call: async (agent) =>
      await agent.injectFile({ path: '/tmp/a b.txt', content: Buffer.from('hello, world\n') }),
    exchanged: [
      features,
      {
        request: '{"name": "injectfile", "value": "L3RtcC9hIGIudHh0LGhlbGxvLCB3b3JsZAo="}',
        answer: done,
      },
    ],
    outcome: undefined,
  },
  {
    title: 'injectfile, of which an agent tells what Python said',
    call: async (agent) => await agent.injectFile({ path: '/tmp/a b.txt', content: Buffer.alloc(0) }),
    exchanged: [
      features,
      {
        request: '{"name": "injectfile", "value": "L3RtcC9hIGIudHh0LA=="}',
        answer: '{"message": "need more than 1 value to unpack", "returncode": "500"}',
      },
    ],
    outcome: 'FAILED: the agent has answered "injectfile" with 500: need more than 1 value to unpack',
  },
  {
    title: 'file_inject',
    call: async (agent) => await agent.injectFile({ path: '/a,b', content: Buffer.of(0, 255) }),
    exchanged: [
      newerFeatures,
      {
        request: '{"name": "file_inject", "value": {"b64_path": "L2EsYg==", "b64_file": "AP8="}}',
        answer: done,
      },
    ],
    outcome: undefined,
  },
  {
    title: 'resetnetwork, whose code some agents write as a number',
    call: async (agent) => await agent.resetNetwork(),
    exchanged: [
      features,
      {
        request: '{"name": "resetnetwork", "value": ""}',
        answer: '{"message": "Couldn\'t figure out my OS", "returncode": 500}',
      },
    ],
    outcome: 'FAILED: the agent has answered "resetnetwork" with 500: Couldn\'t figure out my OS',
  },
  {
    title: 'agentupdate',
    call: async (agent) =>
      await agent.update({ url: 'https://updates.example/a.tar', md5: '900150983cd24fb0d6963f7d28e17f72' }),
    exchanged: [
      features,
      {
        request:
          '{"name": "agentupdate", "value": "https://updates.example/a.tar,900150983cd24fb0d6963f7d28e17f72"}',
        answer: '{"message": "404 No init script found to restart", "returncode": "404"}',
      },
    ],
    outcome: 'FAILED: the agent has answered "agentupdate" with 404: 404 No init script found to restart',
  },
  {
    title: 'keyinit and password: a block of AES in one line of base64',
    call: async (agent) => await agent.setPassword('s3cret'),
    exchanged: [
      {
        request: /^\{"name": "keyinit", "value": "[0-9]{1,33}"\}$/,
        answer: '{"message": "106139995874473705930134184415626", "returncode": "D0"}',
      },
      { request: /^\{"name": "password", "value": "[A-Za-z0-9+/]{22}=="\}$/, answer: done },
    ],
    outcome: undefined,
  },
  {
    title: 'password that an agent could not read',
    call: async (agent) => await agent.setPassword('s3cret'),
    exchanged: [
      {
        request: /"keyinit"/,
        answer: '{"message": "106139995874473705930134184415626", "returncode": "D0"}',
      },
      {
        request: /"password"/,
        answer: '{"message": "Password without key exchange", "returncode": 500}',
      },
    ],
    outcome: 'FAILED: the agent has answered "password" with 500: Password without key exchange',
  },
]

const [hosts, guests] = ['/local/domain/7/data/host', '/local/domain/7/data/guest']
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** Waits for a request. @returns its name in XenStore */
async function asked({
  tree,
  changed,
}: {
  tree: () => TestXenStoreServer['tree']
  changed: () => Promise<void>
}) {
  for (;;) {
    const [id] = tree().has(hosts ?? '') ? tree().list(hosts ?? '') : []
    if (id !== undefined) return id
    await changed()
  }
}

for (const { title, call, exchanged, outcome } of vectors) {
  test(`OpenStackAgent writes and reads the bytes of ${title}`, async (t) => {
    const path = join(testFolder(t), 'socket')
    const server = await TestXenStoreServer.listen(path)
    t.teardown(() => server.close())
    server.write('/local/domain/7/name', 'web1')
    const store = await connectXenStore({ path, clock: systemClock })
    const calling = call(new OpenStackAgent({ store, domain: 'web1', clock: systemClock })).catch(
      (error: unknown) => (error as Error).message,
    )
    for (const { request, answer } of exchanged) {
      const id = await asked({ tree: () => server.tree, changed: async () => await server.changed() })
      t.match(id, uuid, 'a real uuid, on which some agents insist')
      const written = server.tree.read(`${hosts}/${id}`).toString()
      if (typeof request === 'string') t.equal(written, request)
      else t.match(written, request)
      server.remove(`${hosts}/${id}`)
      server.write(`${guests}/${id}`, answer)
    }
    t.same(await calling, outcome)
  })
}
