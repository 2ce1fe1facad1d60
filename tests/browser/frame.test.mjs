// The page's frame: it comes up without complaint, in both themes, side by side or stacked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './support/page.mjs';
import { Terminal } from './support/terminal.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const boxes = (page) =>
  Promise.all(['Terminal', 'Cluster'].map((name) => page.getByRole('region', { name, exact: true }).boundingBox()));

test('a wide window shows terminal and picture side by side, without scrolling', async () => {
  const page = await open(browser);
  const [terminal, picture] = await boxes(page);
  assert.ok(terminal.x + terminal.width <= picture.x + 1, 'the terminal is left of the picture');
  assert.equal(terminal.y, picture.y);
  const overflow = await page.evaluate(() => document.documentElement.scrollHeight > window.innerHeight);
  assert.equal(overflow, false);
  assert.deepEqual(page.complaints, []);
});

test('a phone shows the picture above the terminal, and nothing sticks out', async () => {
  const page = await open(browser, { viewport: { width: 390, height: 844 } });
  const [terminal, picture] = await boxes(page);
  assert.ok(picture.y + picture.height <= terminal.y + 1, 'the picture is above the terminal');
  assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= window.innerWidth));
  const out = await page.evaluate(() =>
    [...document.querySelectorAll('.bar button, .bar select, .tabs button')]
      .filter((control) => control.getBoundingClientRect().right > window.innerWidth)
      .map((control) => control.outerHTML),
  );
  assert.deepEqual(out, [], 'every control of the bar can be reached');
});

test('dark and light follow the system, and the switch overrules it', async () => {
  const ground = (page) => page.locator('.frame').evaluate((element) => getComputedStyle(element).backgroundColor);
  const dark = await open(browser, { colorScheme: 'dark' });
  const light = await open(browser, { colorScheme: 'light' });
  const [night, day] = [await ground(dark), await ground(light)];
  assert.notEqual(night, day);
  await dark.getByRole('button', { name: /^Theme/ }).click();
  assert.equal(await ground(dark), day);
});

test('what is typed is there, and what it starts is drawn', async () => {
  const page = await open(browser);
  const terminal = new Terminal(page);
  await page.keyboard.type('kubectl create deployment web --image=nginx --replicas=2');
  assert.match((await terminal.lines()).at(-1), /\$ kubectl create deployment web --image=nginx --replicas=2$/);
  await page.keyboard.press('Enter');
  await terminal.prompt();
  await page.locator('.pod.ready').nth(1).waitFor();
  await page.locator('.pod').first().click();
  await page.getByRole('region', { name: /^Pod web-/ }).getByText('kind: Pod').waitFor();
});

test('a node that is switched off is seen, in words too', async () => {
  const page = await open(browser);
  await page.getByRole('switch', { name: 'Stop node minikube-m02' }).click();
  await page.getByRole('button', { name: /^Node minikube-m02, .*switched off/ }).waitFor();
  await page.getByRole('switch', { name: 'Start node minikube-m02' }).click();
  await page.getByRole('button', { name: /^Node minikube-m02, (?!.*switched off)/ }).waitFor();
});

test('the address says how many nodes there are', async () => {
  const page = await open(browser, {}, `${process.env.KUBARIUM_URL ?? 'http://127.0.0.1:8080/'}?nodes=5&seed=7`);
  await page.getByRole('switch').nth(4).waitFor();
  assert.equal(await page.getByRole('switch').count(), 5);
});

test('a reset can be taken back until something runs in the new cluster', async () => {
  const page = await open(browser);
  const terminal = new Terminal(page);
  const [reset, back] = [/^Reset$/, /^Undo the reset$/].map((name) => page.getByRole('button', { name }));
  await reset.click();
  assert.equal(await back.count(), 0, 'nothing was there to go back to');
  await terminal.run('kubectl create deployment web --image=nginx');
  await page.locator('.scene .workload').waitFor();
  await reset.click();
  assert.match(await terminal.run('kubectl get deployments'), /No resources found/);
  await back.click();
  assert.match(await terminal.run('kubectl get deployments'), /^web /m);
  await reset.click();
  await terminal.run('kubectl create deployment other --image=nginx');
  await page.locator('.scene .workload').waitFor();
  assert.equal(await back.count(), 0);
  assert.deepEqual(page.complaints, []);
});
