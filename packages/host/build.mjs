// Bundles the program negotiator-host, and the library beside it, so that they start fast and install without node_modules, and puts the
// commands that it ships beside it.
import { bundle } from '../../scripts/bundle.mjs'
import { copyCommands } from '../../scripts/copy-commands.mjs'

await bundle({
  folder: import.meta.dirname,
  entries: ['dist/cli/main.js', 'dist/index.js'],
  external: ['koffi'],
})
await copyCommands({ folder: import.meta.dirname, sides: ['host', 'both'] })
