// Every lesson goes on after a reload in its middle: same step, same Pods, same lines in the terminal.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, open, url } from './support/page.mjs';
import { Terminal } from './support/terminal.mjs';

/** How long a set-up, a command or a goal may take, in milliseconds. */
const PATIENCE = 60_000;
/** How fast the lessons' time passes. */
const SPEED = '20';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const lesson = (page) => page.locator('.pane.lesson');
const ready = (page) => lesson(page).locator('.goal').first().waitFor({ timeout: PATIENCE });

/** What there is, whatever has moved on in the meantime: the Pods' names, and what was typed. */
async function seen(page) {
  const pods = await page.locator('.scene .pod').evaluateAll((all) => all.map((pod) => pod.getAttribute('aria-label')?.split(',')[0]));
  const typed = (await new Terminal(page).lines()).filter((line) => / \$ ./.test(line));
  return { pods: pods.sort(), typed };
}

const index = await (await fetch(`${url}lessons/index.en.json`)).json();
const names = index.chapters.flatMap((chapter) => chapter.lessons.map(({ name }) => `${chapter.id}/${name}`));

test('there are lessons', () => assert.ok(names.length >= 24, `${names.length} lessons`));

for (const name of names) {
  test(name, { timeout: 180_000 }, async (t) => {
    const page = await open(browser, { reducedMotion: 'reduce' }, `${url}?lesson=${name}`);
    t.after(() => page.context().close());
    await ready(page);
    await page.getByLabel('Speed').selectOption(SPEED);
    await lesson(page).getByRole('button', { name: 'Solution', exact: true }).click();
    const commands = lesson(page).locator('.solution .run');
    for (let index = 0; index < (await commands.count()); index += 1) {
      const block = commands.nth(index).locator('xpath=ancestor::div[contains(@class,"commands")]');
      const where = await block.locator('.where').allInnerTexts();
      const terminal = new Terminal(page);
      const tabs = page.locator('.tab button:first-child');
      if ((where[0] ?? 'in terminal 1').endsWith(' 1')) {
        if ((await tabs.count()) > 1) await tabs.first().click();
        await terminal.prompt(PATIENCE);
      }
      await commands.nth(index).click();
    }
    await lesson(page).locator('.reached').waitFor({ timeout: PATIENCE });
    await new Terminal(page).prompt(PATIENCE).catch(() => {}); // what goes on in a terminal of its own has no prompt
    await page.getByRole('button', { name: 'Pause' }).click();
    const before = await seen(page);
    await page.reload();
    await ready(page);
    const step = lesson(page).locator('.steps [aria-current="step"]');
    assert.match(await step.getAttribute('aria-label'), /^Step 2,/);
    // It goes on from what was done last: what has happened by itself since then happens again.
    await page.getByLabel('Speed').selectOption(SPEED);
    const end = Date.now() + PATIENCE / 3;
    let now = await seen(page);
    while (JSON.stringify(now) !== JSON.stringify(before) && Date.now() < end) {
      await page.waitForTimeout(50);
      now = await seen(page);
    }
    assert.deepEqual(now, before);
    assert.deepEqual(page.complaints, []);
  });
}
