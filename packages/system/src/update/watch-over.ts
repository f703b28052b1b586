/**
 * What happens after the answer: the service manager starts the new program, and when that cannot be called within a minute or two, the old
 * one comes back. It is a shell script, for it must outlive the daemon, and work when the new program does not.
 */

/** Where it writes how it ended, a line of JSON. */
export const reportPath = '/var/lib/negotiator/last-update.json'

interface Watched {
  readonly program: string
  readonly previous: string
  readonly report: string
  readonly version: string
  /** The words that start the daemon anew. */
  readonly restart: readonly string[]
  /** So many tries, 2 seconds apart, of 5 seconds at most each. */
  readonly tryCount: number
}

const script = `program=$1 previous=$2 report=$3 version=$4 tries=$5
shift 5
tell() {
  printf '{"state":"%s","version":"%s"}\\n' "$1" "$version" >"$report.new" && mv -f "$report.new" "$report"
}
is_up() {
  left=$tries
  until "$program" wait --timeout 5; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 2
  done
}
if "$@" && is_up; then
  tell updated
  exit
fi
mv -f "$previous" "$program"
if "$@" && is_up; then tell rolled-back; else tell down; fi`

/** The words that run it; none of them but the script is ever shell. */
export function watchOver({
  program,
  previous,
  report,
  version,
  restart,
  tryCount,
}: Watched): readonly string[] {
  return [
    'sh',
    '-c',
    script,
    'negotiator-update',
    program,
    previous,
    report,
    version,
    `${tryCount}`,
    ...restart,
  ]
}
