// The same in python-negotiator's tongue. Runs in the guest, and is not compiled.

const message = (value) => {
  const body = Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
  return Buffer.concat([Buffer.from(`${body.length}\n`), body])
}
const call = (method, args = []) => message({ method, args, kw: { capture: true } })

export const classicPhases = {
  /** Requests in a row, though each should wait for its answer. */
  async 'classic-requests'({ random, calling, repeat }) {
    const requests = [
      call('execute', ['hello']),
      call('execute', ['../../bin/sh', '-c', 'reboot']),
      call('execute', ['\u001b[2Jhello']),
      call('list_commands'),
      call('raw_write', ['x']),
      call('\u001b[2J'.repeat(1000)),
      call('prepare_environment'),
      message('{"method": "execute", "args": {}, "kw": []}'),
    ]
    await repeat([calling], async () => {
      await calling.write(
        Buffer.concat(Array.from({ length: 1 + random.integer(50) }, () => random.pick(requests))),
      )
      calling.listen()
    })
  },

  /** Counts of what never comes, and of less than comes. */
  async 'classic-counts'({ random, ends, repeat }) {
    const counts = [
      '67108864\n{',
      '67108865\n{',
      '999999999\n{',
      '2\n{',
      '-1\n{',
      '00000000000000000000001\n{',
      ' \t 5 \r\n\n\n{}{}{',
    ]
    await repeat(ends, async (end) => {
      await end.write(Buffer.concat(Array.from({ length: 50 }, () => Buffer.from(random.pick(counts)))))
    })
  },

  /** One message that is as long as may be, and goes on for as long as there is time. */
  async 'classic-giant'({ ends, repeat }) {
    const block = Buffer.alloc(32 * 1024, 'x')
    for (const end of ends) await end.write(Buffer.from('67108864\n{"a":"'))
    await repeat(ends, async (end) => await end.write(block))
  },

  /** Answers of a python-negotiator that was never asked. */
  async 'classic-answers'({ random, serving, repeat }) {
    const answers = [
      { success: false, error: 'Method negotiator-open not supported' },
      { success: true, result: ['\u001b[2J', '__proto__', 'honest'] },
      { success: true, result: 'x'.repeat(20_000) },
      { success: false, error: '\u001b[31m'.repeat(1000) },
      [],
    ].map(message)
    await repeat([serving], async () => {
      serving.listen()
      await serving.write(Buffer.concat(Array.from({ length: 20 }, () => random.pick(answers))))
    })
  },
}
