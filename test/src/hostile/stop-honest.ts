/**
 * How the honest guest's script is ended: its console is busy with it, so the host calls a command there.
 */
import type { Script } from '../machine/story.js'

/** The script ends when this file is there. */
export const stopFile = '/tmp/honest-stop'

/** Makes that file. */
export const stopHonest: Script = { name: 'stop-honest', text: `#!/bin/sh\n: > ${stopFile}\n` }
