// The page's frame: it comes up without complaint, in both themes, side by side or stacked.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open } from './support/page.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const boxes = (page) =>
  Promise.all(['Terminal', 'Cluster'].map((name) => page.getByRole('region', { name }).boundingBox()));

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
});

test('dark and light follow the system', async () => {
  const ground = async (colorScheme) => {
    const page = await open(browser, { colorScheme });
    return page.locator('kubarium-playground').evaluate((element) => getComputedStyle(element).backgroundColor);
  };
  assert.notEqual(await ground('dark'), await ground('light'));
});

test('what is typed at the prompt is there', async () => {
  const page = await open(browser);
  await page.getByTestId('prompt').first().click();
  await page.keyboard.type('kubectl get pods');
  assert.equal(await page.getByTestId('prompt').first().inputValue(), 'kubectl get pods');
});
