// Whatever is typed or pasted: the terminal stays alive, and what it shows is text.
import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { launch, open } from './support/page.mjs';
import { Terminal } from './support/terminal.mjs';

/** The page may stand still this long, in milliseconds, on a machine that does other things as well; the bar is 100. */
const FREEZE = 1000;

let browser;
let page;
let terminal;

before(async () => (browser = await launch()));
after(() => browser.close());
beforeEach(async () => {
  page = await open(browser);
  terminal = new Terminal(page);
  await terminal.prompt();
  await page.evaluate(() => {
    window.longest = 0;
    new PerformanceObserver((list) => {
      for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
    }).observe({ entryTypes: ['longtask'] });
  });
});
afterEach(async () => {
  assert.deepEqual(page.complaints, []);
  assert.ok((await page.evaluate(() => window.longest)) <= FREEZE, 'the page never freezes');
  await page.context().close();
});

/** Puts a text into the clipboard and pastes it. */
const paste = (text) =>
  page.evaluate((text) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    const event = new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true });
    document.querySelector('.screen:not([hidden]) .keys').dispatchEvent(event);
  }, text);

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
  await paste(`echo ${'x'.repeat(1 << 20)}`);
  await page.keyboard.press('Enter');
  await terminal.interrupt();
  assert.equal(await terminal.run('echo alive'), 'alive');
});

test('loops without end are ended by Ctrl-C', async () => {
  for (const command of ['while true; do :; done', 'yes | cat', 'yes', 'f() { f | f & }; f', 'cat /dev/zero | wc']) {
    await enter(command);
    await page.waitForTimeout(500);
    await terminal.interrupt();
    assert.equal(await terminal.run('echo alive'), 'alive', command);
  }
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
