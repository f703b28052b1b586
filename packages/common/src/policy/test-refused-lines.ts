/**
 * Lines that are no rules as data: each with the place and the sentence that a person gets.
 * Floor 4, for tests.
 */

const unseen = 'remove it, or write it as %XX, byte by byte, where it belongs to a name or an argument'
const commandHint =
  'write a name of letters, digits, ".", "_" and "-" that begins with a letter or a digit, a pattern of these with "*" and "?", or "*"'
const columnsHint =
  'write COMMAND ARGUMENT CALLER TARGET ACTION, such as "uptime-seconds * @host @self allow"'
const argumentHint = 'write "*" for any, "@none" for none, or "+WORD" for each argument'
const timeHint = 'write a whole number and its unit: 500ms, 30s, 5m, 1h; 168h at most'
const sizeHint = 'write a whole number and its unit: 512B, 64KiB, 10MiB, 1GiB'
const countHint = 'write a whole number, 1 to 1000000'
const rateHint = 'write so many calls a second, minute or hour: 10/s, 100/m, 1000/h'
const targetHint = 'write @host, @self, a whole guest\'s name or "uuid:..."'
const spared = '(a name\'s own "@" is written %40)'

/** A line, and where and how it is refused. */
export const refusedLines: readonly (readonly [line: string, sentence: string])[] = [
  // Columns
  ['hello', `1:6: the line ends after 1 of 5 columns; ${columnsHint}`],
  ['hello * @host allow', `1:20: the line ends after 4 of 5 columns; ${columnsHint}`],
  ['  hello  *  ', `1:11: the line ends after 2 of 5 columns; ${columnsHint}`],
  // Actions
  ['* * * * alow', '1:9: unknown action "alow"; did you mean "allow"?'],
  ['* * * * Deny', '1:9: unknown action "Deny"; did you mean "deny"?'],
  ['* * * * ask', '1:9: unknown action "ask"; write allow or deny as the fifth column'],
  ['* * * * timeout=3s allow', '1:9: unknown action "timeout=3s"; write allow or deny as the fifth column'],
  // Comments and characters
  [
    '* * * * allow # all',
    '1:15: a comment begins behind a rule; put the comment on a line of its own, or write %23 for the character itself',
  ],
  [
    'x +a#b * * allow',
    '1:5: a comment begins behind a rule; put the comment on a line of its own, or write %23 for the character itself',
  ],
  [
    '* * xuser:#1 * allow',
    '1:11: a comment begins behind a rule; put the comment on a line of its own, or write %23 for the character itself',
  ],
  ['* * *\u00a0* allow', `1:6: a character that cannot be seen (U+00A0) stands in the line; ${unseen}`],
  ['* * a\u200bb * allow', `1:6: a character that cannot be seen (U+200B) stands in the line; ${unseen}`],
  ['* * a\u202eb * allow', `1:6: a character that cannot be seen (U+202E) stands in the line; ${unseen}`],
  ['* * * * allow\u0007', `1:14: a character that cannot be seen (U+0007) stands in the line; ${unseen}`],
  ['# a\r* * * * allow', `1:4: a character that cannot be seen (U+000D) stands in the line; ${unseen}`],
  ['# \u202e', `1:3: a character that cannot be seen (U+202E) stands in the line; ${unseen}`],
  ['x +😀\u0000 * * allow', `1:5: a character that cannot be seen (U+0000) stands in the line; ${unseen}`],
  // Commands
  ['../sh * * * allow', `1:1: no command can be called "../sh"; ${commandHint}`],
  ['-x * * * allow', `1:1: no command can be called "-x"; ${commandHint}`],
  ['a%20b * * * allow', `1:1: no command can be called "a%20b"; ${commandHint}`],
  ['@any * * * allow', `1:1: no command can be called "@any"; ${commandHint}`],
  [
    `${'a'.repeat(65)} * * * allow`,
    "1:1: the command's name has 65 characters, 64 at most; write the name of a command",
  ],
  // Arguments
  ['x disk1 * * allow', `1:3: the argument column cannot be "disk1"; ${argumentHint}`],
  ['x @non * * allow', '1:3: the argument column cannot be "@non"; did you mean "@none"?'],
  ['x @rest * * allow', '1:3: the argument column cannot be "@rest"; did you mean "+@rest"?'],
  ['x ** * * allow', '1:3: the argument column cannot be "**"; did you mean "*"?'],
  ['x +a+@rest+b * * allow', '1:6: "@rest" stands before another argument; put "+@rest" at the end'],
  [
    'x +@none * * allow',
    '1:4: unknown keyword "@none"; write "+@rest" for any further arguments, or %40 for an argument\'s own "@"',
  ],
  ['x +100% * * allow', '1:7: "%" is not followed by two hex digits; write %25 for the character itself'],
  ['x +a%2 * * allow', '1:5: "%" is not followed by two hex digits; write %25 for the character itself'],
  ['x +a%FFb * * allow', '1:5: %FF is not the UTF-8 of a character; write its bytes, such as %C3%A9 for "é"'],
  [
    'x +%ED%A0%80 * * allow',
    '1:4: %ED%A0%80 is not the UTF-8 of a character; write its bytes, such as %C3%A9 for "é"',
  ],
  ['x +a%00 * * allow', '1:5: %00 stands for a byte that no argument and no name can hold; remove it'],
  // Callers
  ['* * @hosts * allow', `1:5: unknown keyword "@hosts"; did you mean "@host"? ${spared}`],
  ['* * @anyvm * allow', `1:5: unknown keyword "@anyvm"; write @host, @self or @anyguest ${spared}`],
  [
    '* * usr:bob * allow',
    '1:5: unknown kind "usr:"; did you mean "user:"? Or write %3A for a name\'s own ":"',
  ],
  ['* * web:1 * allow', '1:5: unknown kind "web:"; write %3A for a name\'s own ":"'],
  ['* * user: * allow', '1:10: a user is missing; write the name'],
  [
    '* * user:a* * allow',
    '1:10: a user cannot be a pattern here; write the whole name, with %2A for "*" and %3F for "?"',
  ],
  [
    '* * group:? * allow',
    '1:11: a group cannot be a pattern here; write the whole name, with %2A for "*" and %3F for "?"',
  ],
  [
    '* * user:4294967295 * allow',
    '1:10: "4294967295" is not the number of a user; write the name, or 0 to 4294967294',
  ],
  [
    '* * group:#wheel * allow',
    '1:11: "#wheel" is not the number of a group; write the name, or 0 to 4294967294',
  ],
  [
    '* * uuid:1234 * allow',
    '1:10: "1234" is not a uuid; write it as "virsh domuuid GUEST" does, or "uuid%3A..." for a guest\'s own name',
  ],
  ['* * a%zz * allow', '1:6: "%" is not followed by two hex digits; write %25 for the character itself'],
  // Targets
  ['* * * @anyguests allow', `1:7: unknown keyword "@anyguests"; did you mean "@anyguest"? ${spared}`],
  [
    '* * * user:bob allow',
    '1:7: "user:bob" can call, but not be called; write @host, @self, @anyguest, a guest\'s name or "uuid:..." as the target',
  ],
  // Options
  ['* * * * allow tiemout=3s', '1:15: unknown option "tiemout"; did you mean "timeout"?'],
  [
    '* * * * allow notify=yes',
    '1:15: unknown option "notify"; the options are user, group, timeout, max-concurrent, max-output, rate, audit, target',
  ],
  ['* * * * allow user', '1:15: the option "user" has no value; write user=VALUE, without blanks'],
  ['* * * * allow user=', '1:15: the option "user" has no value; write user=VALUE, without blanks'],
  [
    '* * * * allow =root',
    '1:15: unknown option "=root"; the options are user, group, timeout, max-concurrent, max-output, rate, audit, target',
  ],
  ['* * * * allow audit=full audit=none', '1:26: the option "audit" stands here twice; remove one of them'],
  [
    '* * * * deny timeout=3s',
    '1:14: the option "timeout" says nothing beside deny; remove it; only audit= makes sense here',
  ],
  ['* * * * allow timeout=3', `1:23: "3" is not a time; ${timeHint}`],
  ['* * * * allow timeout=1.5s', `1:23: "1.5s" is not a time; ${timeHint}`],
  ['* * * * allow timeout=-1s', `1:23: "-1s" is not a time; ${timeHint}`],
  ['* * * * allow timeout=3toString', `1:23: "3toString" is not a time; ${timeHint}`],
  ['* * * * allow timeout=0s', '1:23: "0s" would let nothing through; write at least 1, or the action deny'],
  ['* * * * allow timeout=169h', `1:23: "169h" is too much for a time; ${timeHint}`],
  ['* * * * allow max-output=10MB', `1:26: "10MB" is not a size; ${sizeHint}`],
  ['* * * * allow max-output=99999999999GiB', `1:26: "99999999999GiB" is too much for a size; ${sizeHint}`],
  ['* * * * allow max-concurrent=two', `1:30: "two" is not a count; ${countHint}`],
  ['* * * * allow max-concurrent=1000001', `1:30: "1000001" is too much for a count; ${countHint}`],
  [
    '* * * * allow max-concurrent=0',
    '1:30: "0" would let nothing through; write at least 1, or the action deny',
  ],
  ['* * * * allow rate=10', `1:20: "10" is not a rate; ${rateHint}`],
  ['* * * * allow rate=10/d', `1:20: "10/d" is not a rate; ${rateHint}`],
  ['* * * * allow rate=0/s', '1:20: "0" would let nothing through; write at least 1, or the action deny'],
  ['* * * * allow audit=all', '1:21: "all" is not how much the audit tells; write none, hash or full'],
  ['* * * * allow target=web*', `1:22: "web*" does not name a single machine; ${targetHint}`],
  ['* * * * allow target=@anyguest', `1:22: "@anyguest" does not name a single machine; ${targetHint}`],
  ['* * * * allow target=*', `1:22: "*" does not name a single machine; ${targetHint}`],
  ['* * * * allow target=@hosts', `1:22: unknown keyword "@hosts"; did you mean "@host"? ${spared}`],
  ['* * * * allow group=#x', '1:21: "#x" is not the number of a group; write the name, or 0 to 4294967294'],
  [
    '* * * * allow user=a*',
    '1:20: a user cannot be a pattern here; write the whole name, with %2A for "*" and %3F for "?"',
  ],
]
