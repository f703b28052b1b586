/**
 * A guest for tests: the least that a definition may say, as a file's values.
 */

export const testUuid = '9b1f0f3a-0000-4000-8000-000000000001'

export const otherUuid = '9b1f0f3a-0000-4000-8000-000000000002'

/** @param more what it says besides, or instead */
export function testValues(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return { uuid: testUuid, name: 'web1', memory: '256MiB', kernel: { path: '/boot/vmlinuz' }, ...more }
}
