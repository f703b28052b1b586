/**
 * An XML text as a tree of elements.
 * Pure. Whoever defines domains writes the text, so nothing in it is followed: a document type is refused, and with it every
 * entity but the five of XML.
 */
import { SaxesParser } from 'saxes'

/** An element; its text is what stands directly in it, without the white space around it. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlElement[]
  readonly text: string
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

/** libvirt's own reader goes no deeper. */
const depthMax = 256

/** What is wrong with a text; saxes says where. */
export class XmlError extends Error {}

/** @throws {XmlError} */
export function parseXml(xml: string): XmlElement {
  const root: OpenElement = { name: '', attributes: {}, children: [], text: '' }
  const open: OpenElement[] = [root]
  const parser = new SaxesParser()
  const current = (): OpenElement => open.at(-1) ?? root
  const addText = (text: string): void => void (current().text += text)
  parser.on('error', (error) => {
    throw new XmlError(error.message)
  })
  parser.on('doctype', () => {
    throw new XmlError('it has a document type, which libvirt never writes')
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length > depthMax) throw new XmlError(`its elements are nested deeper than ${depthMax} levels`)
    const element: OpenElement = { name, attributes, children: [], text: '' }
    current().children.push(element)
    open.push(element)
  })
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    current().text = current().text.trim()
    open.pop()
  })
  parser.write(xml).close()
  const [document] = root.children
  if (document === undefined) throw new XmlError('it has no element')
  return document
}

/** The first child of a name. */
export function childOf({ children }: XmlElement, name: string): XmlElement | undefined {
  return children.find((child) => child.name === name)
}
