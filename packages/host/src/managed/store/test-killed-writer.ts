/**
 * A program that changes the store and kills itself at one step of it: `FOLDER define|change|undefine STEP`; step 0 is none.
 * For tests. A step is a call that changes the disk; of a text that is written, half is on the disk when it dies.
 */
import fs from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { testUuid } from '../test-definition.js'

const [folder = '', verb = '', lastStep = '0'] = process.argv.slice(2)
const steps = { done: 0 }

function dieHere(): boolean {
  steps.done += 1
  return steps.done === Number(lastStep)
}

const die = (): void => void process.kill(process.pid, 'SIGKILL')

/** Dies in place of a call. */
function breakable<Args extends readonly unknown[], Value>(
  call: (...args: Args) => Promise<Value>,
): (...args: Args) => Promise<Value> {
  return async (...args) => {
    if (dieHere()) die()
    return await call(...args)
  }
}

const open = fs.open.bind(fs)
Object.assign(fs, {
  mkdir: breakable(fs.mkdir),
  link: breakable(fs.link),
  rename: breakable(fs.rename),
  rm: breakable(fs.rm),
  open: breakable(async (...args: Parameters<typeof open>) => {
    const file = await open(...args)
    const writeFile = file.writeFile.bind(file)
    return Object.assign(file, {
      sync: breakable(file.sync.bind(file)),
      writeFile: async (text: string) => {
        await writeFile(dieHere() ? text.slice(0, text.length / 2) : text)
        if (steps.done === Number(lastStep)) die()
      },
    })
  }),
})
syncBuiltinESMExports()

const { GuestStore } = await import('./guest-store.js')
const { valuesOf } = await import('./test-store.js')
const store = new GuestStore(folder)
if (verb === 'undefine') await store.remove(testUuid)
else await store.put({ values: valuesOf({ vcpus: verb === 'change' ? 2 : 1 }) })
