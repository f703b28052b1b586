// Finds what a TypeScript source imports, type imports and dynamic ones included, and on which line.
// It reads statements by pattern and needs no compiler: a specifier that is computed is not seen.

const staticImport = /^[ \t]*import\s+[\w$*{}\s,]+\sfrom\s*['"]([^'"]+)['"]/gm
const reExport = /^[ \t]*export\s+(?:type\s+)?(?:\*(?:\s+as\s+[\w$]+)?|\{[^}]*\})\s*from\s*['"]([^'"]+)['"]/gm
const bareImport = /^[ \t]*import\s*['"]([^'"]+)['"]/gm
const dynamicImport = /^(?![ \t]*(?:\*|\/\/|\/\*)).*?\bimport\(\s*['"]([^'"]+)['"]/gm

/**
 * Lists the imports of one source text, in the order of their lines.
 *
 * @param {string} text a TypeScript or JavaScript source
 * @returns {{ line: number, specifier: string }[]} the line is that of the statement's first word, from 1
 */
export function readImports(text) {
  return [staticImport, reExport, bareImport, dynamicImport]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map((match) => ({ line: text.slice(0, match.index).split('\n').length, specifier: match[1] }))
    .sort((a, b) => a.line - b.line)
}
