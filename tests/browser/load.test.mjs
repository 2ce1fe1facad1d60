// The program comes in two parts: the prompt is there with the first, and nothing typed before the second is lost.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, openPrompt } from './support/page.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const LATER = /-later-[0-9a-f]+\.wasm/;
const WHOLE = '[data-whole]';

/** A page whose second part is `hold`'s to let through: it gets each request for it. */
async function held(hold) {
  const context = await browser.newContext();
  await context.route(LATER, hold);
  return openPrompt({ newContext: () => context });
}

test('the second part is asked for when the prompt is there, and not before', async () => {
  const page = await open(browser);
  const names = await page.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name));
  assert.equal(names.filter((name) => LATER.test(name)).length, 1, names.join('\n'));
  assert.deepEqual(page.complaints, []);
});

test('what is typed while the second part is on its way is shown, kept and run', async () => {
  let letThrough;
  const wait = new Promise((done) => (letThrough = done));
  const page = await held(async (route) => {
    await wait;
    await route.continue();
  });
  await page.keyboard.type('echo one | wc -c');
  await page.getByText('~ $ echo one | wc -c').waitFor();
  await page.keyboard.press('Enter');
  await page.keyboard.type('kubectl get nodes');
  await page.keyboard.press('Enter');
  assert.equal(await page.locator(WHOLE).count(), 0);
  letThrough();
  await page.getByText('control-plane').waitFor();
  assert.match(await page.locator('.terminal').innerText(), /wc -c\s+4\s/);
  assert.deepEqual(page.complaints, []);
});

test('a second part that does not come is said, and can be asked for again', async () => {
  let broken = true;
  const page = await held((route) => (broken ? route.fulfill({ status: 503, body: '' }) : route.continue()));
  await page.keyboard.type('echo still here');
  await page.keyboard.press('Enter');
  await page.getByText('could not be loaded').waitFor();
  broken = false;
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.waitForFunction(() => document.querySelector('.terminal').innerText.includes('\nstill here'));
  assert.equal(await page.getByText('could not be loaded').count(), 0);
});
