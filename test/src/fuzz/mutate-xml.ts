/**
 * Mutations of XML: entities, nesting, attributes, what is not to be believed.
 */
import { pick } from './mutator.js'
import type { Mutator } from './mutator.js'

const insertions = [
  '<!DOCTYPE domain [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
  '<!DOCTYPE domain SYSTEM "file:///etc/passwd">',
  '&a;',
  '&lt;',
  '&#0;',
  '&#x110000;',
  '&#xd800;',
  '&amp',
  '<![CDATA[<channel type="unix">]]>',
  '<![CDATA[',
  ']]>',
  '<!-- <channel> -->',
  '<!--',
  '<?xml version="1.1"?>',
  '<?php x?>',
  '<a xmlns:x="y" x:z="">',
  '</channel>',
  '<channel',
  '\0',
  '\ufeff',
  '\ud800',
  '<domain>'.repeat(3_000),
  ' a="1"'.repeat(500),
]

/** A tag with all that is in it, as far as a pattern finds it. */
const anyTag = /<[^<>]*>/g

const insert: Mutator = (input, { at, value }) => {
  const text = input.toString()
  const place = at % (text.length + 1)
  return Buffer.from(`${text.slice(0, place)}${pick(insertions, value)}${text.slice(place)}`)
}

const changeTag: Mutator = (input, { at, amount, value }) => {
  const text = input.toString()
  const tags = [...text.matchAll(anyTag)]
  if (tags.length === 0) return input
  const { index, 0: tag } = pick(tags, at)
  const other = pick(tags, value)[0]
  const changed = pick(
    ['', `${tag}${tag}`, other, tag.slice(0, -1), tag.replace('<', '</'), `${tag}${other}`],
    amount,
  )
  return Buffer.from(`${text.slice(0, index)}${changed}${text.slice(index + tag.length)}`)
}

const changeAttribute: Mutator = (input, { at, amount, value, tokens }) => {
  const text = input.toString()
  const attributes = [...text.matchAll(/([\w-]+)=(['"])([^'"<>]*)\2/g)]
  if (attributes.length === 0) return input
  const { index, 0: whole, 1: name = '', 3: content = '' } = pick(attributes, at)
  const words = [...tokens, '', '&lt;', '/x/../y', 'relative', 'a\nb']
  const changed = pick(
    [
      '',
      `${whole} ${whole}`,
      `${name}='${pick(words, value)}'`,
      `${name}=${content}`,
      `${name}='${content}`,
      `${name}='<'`,
    ],
    amount,
  )
  return Buffer.from(`${text.slice(0, index)}${changed}${text.slice(index + whole.length)}`)
}

const nest: Mutator = (input, { at, value }) => {
  const tag = pick(['domain', 'devices', 'channel', 'metadata', 'name'], at)
  const depth = 1 + (value % (value % 5 === 0 ? 2_000 : 3))
  return Buffer.from(`<${tag}>`.repeat(depth) + input.toString() + `</${tag}>`.repeat(depth))
}

export const xmlMutators: readonly Mutator[] = [
  insert,
  changeTag,
  changeTag,
  changeAttribute,
  changeAttribute,
  nest,
]
