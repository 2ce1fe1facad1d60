// Whatever is typed or pasted: the terminal stays alive, and what it shows is text.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, open } from './support/page.mjs';
import { Terminal } from './support/terminal.mjs';

/**
 * How long the page may stand still, in milliseconds of its main thread: what other programs on the machine take away in
 * the meantime is not the page's. Without a limit it is only printed: see `cargo xtask bench freeze`.
 */
const FREEZE = Number(process.env.KUBARIUM_FREEZE ?? Infinity);

let browser;
let page;
let terminal;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => {
  page = await open(browser);
  terminal = new Terminal(page);
  await terminal.prompt();
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
});
afterEach(async (context) => {
  const longest = longestTask(JSON.parse((await browser.stopTracing()).toString()).traceEvents);
  context.diagnostic(`the longest task took ${longest.toFixed(0)} ms`);
  await page.context().close();
  assert.deepEqual(page.complaints, []);
  assert.ok(longest <= FREEZE, `the page stood still for ${longest.toFixed(0)} ms`);
});

/** Puts a text, repeated, into the clipboard and pastes it. */
const paste = (text, times = 1) =>
  page.evaluate(([text, times]) => {
    const data = new DataTransfer();
    data.setData('text/plain', text.repeat(times));
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector('.screen:not([hidden]) .keys').dispatchEvent(event);
  }, [text, times]);

const enter = async (text) => {
  await terminal.focus();
  await page.keyboard.type(text);
  await page.keyboard.press('Enter');
};

test('unclosed quotes wait for their end, and Ctrl-C gives up', async () => {
  await enter('echo "a');
  await terminal.lastLine(/^> $/);
  await enter('b"');
  await terminal.prompt();
  assert.match(await terminal.text(), /\na\nb\n/);
  await enter("echo 'a");
  await terminal.lastLine(/^> $/);
  await terminal.interrupt();
});

test('a megabyte on one line is cut or refused, not choked on', async () => {
  for (const command of ['echo ', '']) {
    await page.keyboard.type(command);
    await paste('x', 1 << 20);
    await page.keyboard.press('Enter');
    await page.waitForTimeout(1500);
    await terminal.interrupt();
    assert.equal(await terminal.run('echo alive'), 'alive');
  }
});

test('loops without end are ended by Ctrl-C', async () => {
  for (const command of ['while true; do :; done', 'yes | cat', 'yes', 'f() { f | f & }; f', 'cat /dev/zero | wc']) {
    await enter(command);
    await page.waitForTimeout(500);
    await terminal.interrupt();
    assert.equal(await terminal.run('echo alive'), 'alive', command);
  }
});

test('a megabyte of lines, and more output than a screen keeps', async () => {
  await terminal.focus();
  await paste('true\n', 20_000);
  await page.waitForTimeout(1000);
  await terminal.interrupt();
  await enter('seq 1 50000');
  await terminal.lastLine((line, all) => /\$ $/.test(line) && all.at(-2) === '50000');
});

test('what is long to sort is sorted in pieces', async () => {
  assert.equal(await terminal.run('seq 1 200000 | sort -r | tail -n 1'), '1');
});

test('a YAML bomb is refused', async () => {
  const names = [...'abcdefghi'];
  const line = (name, index) => `${name}: &${name} [${Array(9).fill(index ? `*${names[index - 1]}` : '"x"').join(',')}]`;
  await terminal.focus();
  await paste(`cat > bomb.yaml <<'EOF'\n${names.map(line).join('\n')}\nEOF\n`);
  assert.match(await terminal.run('kubectl apply -f bomb.yaml'), /error/);
});

test('a million replicas are on their way, and the page is still there', async () => {
  await terminal.run('kubectl create deployment web --image=nginx');
  await terminal.run('kubectl scale deployment web --replicas=1000000');
  await page.getByLabel('Speed').selectOption('20');
  await page.waitForTimeout(5000);
  assert.equal(await terminal.run('echo alive'), 'alive');
});

test('names and flags that no one can mean are refused', async () => {
  const long = 'n'.repeat(300);
  assert.match(await terminal.run(`kubectl create deployment ${long} --image=nginx`), /must be no more than/);
  assert.match(await terminal.run('kubectl get pods --frobnicate'), /unknown flag: --frobnicate/);
  assert.match(await terminal.run('frobnicate'), /command not found/);
});

test('a watch that is left running for an hour ends by Ctrl-C', async () => {
  await terminal.run('kubectl create deployment web --image=nginx --replicas=2');
  await enter('kubectl get pods -w');
  await page.getByLabel('Speed').selectOption('60');
  await page.waitForTimeout(3000);
  await terminal.interrupt();
  assert.match(await terminal.text(), /Running/);
});

test('output is text, never markup', async () => {
  const evil = '<img src=x onerror="document.title=1"><b>&amp;</b>';
  assert.equal(await terminal.run(`echo '${evil}'`), evil);
  assert.equal(await page.locator('.screen img, .screen b').count(), 0);
});

test('an input method composes at the cursor', async () => {
  await terminal.focus();
  await page.keyboard.type('echo ');
  const client = await page.context().newCDPSession(page);
  await client.send('Input.imeSetComposition', { text: 'ni', selectionStart: 2, selectionEnd: 2 });
  assert.match((await terminal.lines()).at(-1), /echo $/, 'nothing is sent while it composes');
  await client.send('Input.insertText', { text: '你好' });
  await page.keyboard.press('Enter');
  await terminal.prompt();
  assert.match(await terminal.text(), /\$ echo 你好\n你好\n/);
});

test('a paste of several lines runs line by line', async () => {
  await terminal.focus();
  await paste('echo one\necho two | tr o 0\n');
  await terminal.lastLine((line, all) => all.includes('tw0') && /\$ $/.test(line));
  assert.deepEqual((await terminal.lines()).filter((line) => /^(one|tw0)$/.test(line)), ['one', 'tw0']);
});

test('one Tab completes, two list', async () => {
  await terminal.focus();
  await page.keyboard.type('kubectl create dep');
  await page.keyboard.press('Tab');
  await terminal.lastLine(/\$ kubectl create deployment $/);
  await page.keyboard.press('Control+u');
  await page.keyboard.type('kubectl get nodes minikube-');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await terminal.lastLine((line, all) => /\$ kubectl get nodes minikube-/.test(line) && all.some((l) => /minikube-m02 +minikube-m03/.test(l)));
});

test('the history and the line editor work as in bash', async () => {
  await terminal.run('echo first');
  await terminal.focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Control+a');
  await page.keyboard.press('Alt+d');
  await page.keyboard.type('printf');
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await terminal.lastLine(/^first~ \$ $/);
});

/** The longest task of the page's main thread in a trace, in milliseconds of that thread's own time. */
function longestTask(trace) {
  const key = (e) => `${e.pid} ${e.tid}`;
  const frames = new Map();
  for (const e of trace.filter((e) => e.name === 'FireAnimationFrame')) frames.set(key(e), (frames.get(key(e)) ?? 0) + 1);
  const [main] = [...frames].toSorted((a, b) => b[1] - a[1])[0];
  const tasks = trace.filter((e) => key(e) === main && e.ph === 'X' && /RunTask$/.test(e.name));
  return Math.max(...tasks.map((e) => (e.tdur ?? e.dur) / 1000));
}
