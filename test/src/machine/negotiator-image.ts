/**
 * The image that Negotiator's stories boot: the guest's program as users get it, restarted when it ends.
 */
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { buildImage } from './image.js'
import type { Image } from './image.js'
import type { ImageFile } from './image-contents.js'
import type { Prerequisites } from './prerequisites.js'

const guestPackage = join(import.meta.dirname, '../../../packages/guest')
const home = '/opt/negotiator'

/** What supervisord would do, in a few lines; the two files are for tests that end the daemon and keep it down. */
const startScript = `#!/bin/sh
while :; do
  while [ -e /run/negotiator-guest.hold ]; do sleep 0.1; done
  ${home}/bin/negotiator-guest daemon & echo $! > /run/negotiator-guest.pid
  wait $!
  echo "negotiator-guest ended with status $?"
done
`

const program = `#!/bin/sh
exec node ${home}/bundle/main.js "$@"
`

interface NegotiatorImageOptions {
  readonly prerequisites: Prerequisites
  /** More files, e.g. commands or a configuration. */
  readonly files?: readonly ImageFile[]
  /** More kernel modules. */
  readonly modules?: readonly string[]
}

/** Builds the image, or finds it in the cache. The guest package must have been built. */
export async function buildNegotiatorImage({
  prerequisites,
  files = [],
  modules = [],
}: NegotiatorImageOptions): Promise<Image> {
  return await buildImage({
    prerequisites,
    modules,
    files: [
      { from: join(guestPackage, 'dist/bundle'), to: `${home}/bundle` },
      { from: join(guestPackage, 'dist/commands'), to: `${home}/commands` },
      { from: join(guestPackage, 'dist/policy'), to: `${home}/policy` },
      ...koffiFiles(),
      { content: program, mode: 0o755, to: `${home}/bin/negotiator-guest` },
      { target: `${home}/bin/negotiator-guest`, to: '/usr/bin/negotiator-guest' },
      { content: startScript, mode: 0o755, to: '/etc/negotiator-start' },
      ...files,
    ],
  })
}

function koffiFiles(): readonly ImageFile[] {
  const koffi = dirname(createRequire(join(guestPackage, 'package.json')).resolve('koffi'))
  const native = dirname(createRequire(join(koffi, 'index.js')).resolve('@koromix/koffi-linux-x64'))
  return [
    ...['package.json', 'index.js', 'src'].map((name) => ({
      from: join(koffi, name),
      to: `${home}/node_modules/koffi/${name}`,
    })),
    { from: native, to: `${home}/node_modules/@koromix/koffi-linux-x64` },
  ]
}
