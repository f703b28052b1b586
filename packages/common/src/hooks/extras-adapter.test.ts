import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'tap'
import { phases } from './phase.js'
import { endings, TestHooks } from './test-hooks.js'

/** As DevStack's documents have a plug-in: guarded, with a library that it loads in `source`. */
const devStackScript = `# 80-template.sh - DevStack extras script

if is_service_enabled template; then
    if [[ "$1" == "override_defaults" ]]; then
        TEMPLATE_DIR=/opt/template
    elif [[ "$1" == "source" ]]; then
        function install_template { echo_summary "installing into $TEMPLATE_DIR"; }
    elif [[ "$1" == "stack" && "$2" == "pre-install" ]]; then
        echo_summary "Configuring system services Template"
    elif [[ "$1" == "stack" && "$2" == "install" ]]; then
        install_template
    elif [[ "$1" == "stack" && "$2" == "post-config" ]]; then
        echo "words: $# pid: $$"
    elif [[ "$1" == "stack" && "$2" == "extra" ]]; then
        LEFT_BEHIND=yes
        :
    fi

    if [[ "$1" == "unstack" ]]; then
        echo "unstack: $# \${LEFT_BEHIND-nothing}"
    fi

    if [[ "$1" == "clean" ]]; then
        false
        echo "never reached"
    fi
fi
`

test('a script of DevStack is a hook in each of its phases, unchanged', async (t) => {
  const hooks = new TestHooks(t)
  hooks.addScript('80-template.sh', devStackScript)
  const outputs: Record<string, string> = {}
  for (const { name } of phases.filter(({ mode }) => mode !== 'guest')) {
    const { results } = await hooks.run({ phase: name })
    t.equal(results.length, 1, name)
    t.equal(results[0]?.outcome, name === 'clean' ? 'failed' : 'done', name)
    outputs[name] = results[0]?.output ?? ''
  }
  t.match(outputs, {
    'override-defaults': '',
    source: '',
    'pre-install': 'Configuring system services Template\n',
    install: 'installing into /opt/template\n',
    'post-config': /^words: 2 pid: [0-9]+\n$/,
    extra: '',
    'test-config': '',
    // Each phase has a process of its own: what one leaves behind is not in the next.
    unstack: 'unstack: 1 nothing\n',
    // DevStack runs with errexit.
    clean: '',
  })
})

test('a script is run in the phases that DevStack knows only, in its place among the hooks', async (t) => {
  const hooks = new TestHooks(t)
  hooks.addScript('30-script.sh', 'true')
  hooks.add({ name: 'install/20-before' })
  hooks.add({ name: 'install/40-after', toml: 'requires = ["30-script.sh"]' })
  t.same(endings(await hooks.run({ phase: 'install' })), [
    '20-before done',
    '30-script.sh done',
    '40-after done',
  ])
  t.same(endings(await hooks.run({ phase: 'ready' })), [])
})

test('a script that fails ends the phase, where that can be', async (t) => {
  const hooks = new TestHooks(t)
  hooks.addScript('30-script.sh', 'exit 3')
  hooks.addScript('40-script.sh', 'true')
  t.same(endings(await hooks.run({ phase: 'install' })), [
    '30-script.sh failed: exit status 3',
    '40-script.sh not-run: "30-script.sh" has said no',
  ])
  t.same(endings(await hooks.run({ phase: 'unstack' })), [
    '30-script.sh failed: exit status 3',
    '40-script.sh done',
  ])
})

test('a script knows which services are enabled, letter by letter', async (t) => {
  const hooks = new TestHooks(t)
  hooks.addScript(
    '30-ask.sh',
    `
    [[ $1 == stack ]] || return 0
    for name in tempest temp tempest-more nova off; do is_service_enabled $name && echo "$name is"; done
    is_service_enabled nothing tempest && echo "one of two is"; true`,
  )
  const ask = async (): Promise<string | undefined> =>
    (await hooks.run({ phase: 'extra' })).results[0]?.output
  t.equal(await ask(), 'tempest is\ntemp is\ntempest-more is\nnova is\noff is\none of two is\n')
  hooks.addScript('localrc', 'ENABLED_SERVICES=tempest,nova,off\nDISABLED_SERVICES=off')
  t.equal(await ask(), 'tempest is\nnova is\none of two is\n')
})

test('a script that others could have written is refused, and so is one whose name is not exact', async (t) => {
  const hooks = new TestHooks(t)
  const path = hooks.addScript('30-script.sh', 'true')
  for (const name of ['0-tempest.sh', '80-tempest.sh.bak', '80-tempest', '.80-tempest.sh'])
    hooks.addScript(name, 'false')
  hooks.addScript('95-base.sh', 'true')
  const install = async (): Promise<readonly string[]> => endings(await hooks.run({ phase: 'unstack' }))
  const reserved =
    '95-base.sh refused: the numbers 00 to 09 and 90 to 99 are kept for hooks that are shipped; take 10 to 89'
  t.same(await install(), ['30-script.sh done', reserved])
  chmodSync(path, 0o666)
  t.same(await install(), [
    '30-script.sh refused: its file may be written by others than its owner; chmod go-w it',
    reserved,
  ])
  chmodSync(path, 0o644)
  writeFileSync(join(hooks.scripts, 'localrc'), '')
  chmodSync(join(hooks.scripts, 'localrc'), 0o666)
  t.match(
    (await install())[0],
    /^30-script.sh refused: "localrc" beside it cannot be used: its file may be written by others/,
  )
})
