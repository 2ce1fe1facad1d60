// The page's language: the reader's browser says it, the address overrules it, a switch changes it for good.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, url } from './support/page.mjs';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const language = (page) => page.locator('.frame').getAttribute('lang');

/** What stands where, in both languages. */
const shows = async (page, lang) => {
  await page.locator(`.frame[lang="${lang}"]`).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), lang);
  const lessons = { en: 'Lessons', 'zh-TW': '課程' }[lang];
  assert.equal(await page.locator('.bar .lessons').innerText(), lessons);
};

test('the browser says it, and only that language is fetched', async () => {
  const chinese = await open(browser, { locale: 'zh-TW' });
  await shows(chinese, 'zh-TW');
  const other = await open(browser, { locale: 'fr-FR' });
  await shows(other, 'en');
  const fetched = await other.evaluate(() => performance.getEntriesByType('resource').map((e) => e.name));
  assert.deepEqual(fetched.filter((name) => name.includes('/locales/')), []);
  assert.deepEqual([...chinese.complaints, ...other.complaints], []);
});

test('the address overrules it, and the switch is remembered', async () => {
  const page = await open(browser, { locale: 'zh-TW' }, `${url}?lang=en`);
  await shows(page, 'en');
  await page.goto(url);
  await shows(page, 'zh-TW');
  await page.locator('.bar .language').click();
  await shows(page, 'en');
  await page.reload();
  await page.locator('[data-whole]').first().waitFor();
  await shows(page, 'en');
  assert.deepEqual(page.complaints, []);
});

test('a language that cannot be fetched is English', async () => {
  const context = await browser.newContext({ locale: 'zh-TW' });
  await context.route(/locales\/zh-TW/, (route) => route.fulfill({ status: 503, body: '' }));
  const page = await open({ newContext: () => context });
  assert.equal(await language(page), 'en');
});
