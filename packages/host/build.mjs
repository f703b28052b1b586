// Bundles the program negotiator-host, so that it starts fast and installs without node_modules, and puts the
// commands that it ships beside it.
import { bundle } from '../../scripts/bundle.mjs'
import { copyCommands } from '../../scripts/copy-commands.mjs'

await bundle({ folder: import.meta.dirname, entries: ['dist/cli/main.js'], external: [] })
await copyCommands({ folder: import.meta.dirname, sides: ['host', 'both'] })
