/**
 * What a page of the docs has somebody type, and what it shows for it.
 * Pure.
 */

/** The texts between ```LANGUAGE and ```. */
export function fencedBlocks(page: string, language: string): readonly string[] {
  const fences = new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm')
  return [...page.matchAll(fences)].map(([, text = '']) => text)
}

interface ConsoleStep {
  readonly line: string
  readonly shown: string
}

/** The lines behind the prompts of root; one goes on to the end of its here-document. */
export function consoleSteps(block: string): readonly ConsoleStep[] {
  return block
    .split(/^# /m)
    .slice(1)
    .map((step) => {
      const typed = /^[^\n]*<<'END'\n[^]*?\nEND\n/.exec(step)?.[0] ?? /^[^\n]*\n/.exec(step)?.[0] ?? step
      return { line: typed.trimEnd(), shown: step.slice(typed.length).trimEnd() }
    })
}

/** An output without what is another each time. */
export function plainOutput(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\([0-9]+ ms\)/g, '(N ms)')
    .trimEnd()
}
