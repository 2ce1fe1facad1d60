// Everybody can use a lesson: axe finds nothing, in both languages and both themes.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, open, url } from './support/page.mjs';

const AXE = createRequire(new URL('../../tools/npm/', import.meta.url)).resolve('axe-core/axe.min.js');
const LESSON = 'basics/2-deploy-an-app';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** What axe finds, each in one line. */
async function violations(page) {
  await page.addScriptTag({ path: AXE });
  const found = await page.evaluate(async () => (await globalThis.axe.run(document)).violations);
  return found.flatMap((v) => v.nodes.map((n) => `${v.id}: ${n.target} ${n.failureSummary.replaceAll('\n', ' ')}`));
}

for (const lang of ['en', 'zh-TW']) {
  for (const colorScheme of ['light', 'dark']) {
    for (const width of [1440, 390]) {
      test(`a lesson page, ${lang}, ${colorScheme}, ${width} pixels`, async () => {
        const options = { colorScheme, viewport: { width, height: 900 }, reducedMotion: 'reduce' };
        const page = await open(browser, options, `${url}?lesson=${LESSON}&lang=${lang}`);
        const lesson = page.locator('.pane.lesson');
        await lesson.locator('.goal').first().waitFor({ timeout: 30_000 });
        await lesson.locator('.run').first().click();
        await page.locator('.scene .pod.ready').waitFor({ timeout: 30_000 });
        for (const button of await lesson.locator('.help button').all()) await button.click();
        assert.deepEqual(await violations(page), []);
        await page.locator('.bar .lessons').click();
        await lesson.locator('.entry').first().waitFor();
        assert.deepEqual(await violations(page), []);
        await page.context().close();
      });
    }
  }
}
