// Lessons in the page: read and solved by clicking, in both languages, and again after a reload in the middle.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { readFile } from 'node:fs/promises';
import { launch, open, url } from './support/page.mjs';
import { Terminal } from './support/terminal.mjs';

const LESSON = 'basics/2-deploy-an-app';
/** How long a set-up, a command or a goal may take, in milliseconds. */
const PATIENCE = 30_000;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

const WORDS = {
  en: { next: 'Next', finish: 'Finish', hint: 'Hint', missing: 'What is missing?', solution: 'Solution', solved: 'Lesson completed' },
  'zh-TW': { next: '下一步', finish: '完成', hint: '提示', missing: '還缺什麼？', solution: '解答', solved: '課程完成' },
};

const lesson = (page) => page.locator('.pane.lesson');
const step = (page) => lesson(page).locator('.steps [aria-current="step"]');

/** Opens a lesson; waits until its cluster is ready. */
async function begin(language, context = {}) {
  const page = await open(browser, context, `${url}?lesson=${LESSON}&lang=${language}`);
  await lesson(page).locator('.goal').first().waitFor({ timeout: PATIENCE });
  return page;
}

/** Waits until a prompt stands alone in the terminal that is shown. */
function prompt(page) {
  return page.waitForFunction(
    () => [...document.querySelectorAll('.screen:not([hidden]) .line')].at(-1)?.textContent.trimEnd().endsWith('~ $'),
    null,
    { timeout: PATIENCE },
  );
}

/** Clicks each command of what is shown, one after the other. Those that go on have a terminal of their own. */
async function clickAll(page, commands) {
  for (let index = 0; index < (await commands.count()); index += 1) {
    const block = commands.nth(index).locator('xpath=ancestor::div[contains(@class,"commands")]');
    const alone = (await block.locator('.where').count()) > 0;
    if (!alone) {
      const tabs = page.locator('.tab button:first-child');
      if ((await tabs.count()) > 1) await tabs.first().click();
      await prompt(page);
    }
    await commands.nth(index).click();
    await page.waitForTimeout(300); // what a person needs between two clicks
  }
}

/** Does the step that is shown, by its own commands or by those of the solution. */
async function solve(page, words) {
  const own = lesson(page).locator('.text .commands .run');
  if ((await own.count()) === 0) {
    await lesson(page).getByRole('button', { name: words.solution, exact: true }).click();
    await lesson(page).locator('.solution .run').first().waitFor();
    await clickAll(page, lesson(page).locator('.solution .run'));
  } else {
    await clickAll(page, own);
  }
  await lesson(page).locator('.reached').waitFor({ timeout: PATIENCE });
  assert.equal(await lesson(page).locator('.goal[data-done="false"]').count(), 0);
}

for (const language of ['en', 'zh-TW']) {
  test(`a lesson is solved by clicking (${language})`, { timeout: 180_000 }, async () => {
    const words = WORDS[language];
    const page = await begin(language);
    assert.equal(await page.locator('.frame').getAttribute('lang'), language);
    assert.equal(await lesson(page).locator('.goal[data-done="true"]').count(), 0);
    await lesson(page).getByRole('button', { name: words.missing }).click();
    assert.ok((await lesson(page).locator('.now').count()) > 0, 'nothing is said to be missing');
    await lesson(page).getByRole('button', { name: words.hint, exact: true }).click();
    assert.equal(await lesson(page).locator('.hint-of-step').count(), 1);
    const count = await lesson(page).locator('.steps li').count();
    for (let index = 1; index <= count; index += 1) {
      await solve(page, words);
      const next = index === count ? words.finish : words.next;
      await lesson(page).getByRole('button', { name: next, exact: true }).click();
    }
    await lesson(page).getByRole('heading', { name: words.solved }).waitFor();
    assert.ok((await lesson(page).locator('.end .primary').count()) === 1, 'no next lesson is offered');
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });

  test(`after a reload in the middle it goes on (${language})`, { timeout: 180_000 }, async () => {
    const words = WORDS[language];
    const page = await begin(language);
    await solve(page, words);
    await lesson(page).getByRole('button', { name: words.next, exact: true }).click();
    await page.reload();
    await lesson(page).locator('.goal').first().waitFor({ timeout: PATIENCE });
    assert.match(await step(page).getAttribute('aria-label'), /2/);
    assert.match(await page.locator('.screen:not([hidden])').innerText(), /deployment.apps\/kubernetes-bootcamp created/);
    await page.locator('.scene .pod').first().waitFor();
    await solve(page, words);
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test('a command can be typed by itself and edited first', async () => {
  const page = await begin('en', { reducedMotion: 'reduce' });
  const row = lesson(page).locator('.line-of-code').first();
  await row.getByRole('button', { name: /^Type / }).click();
  await page.waitForFunction(() => document.querySelector('.terminal').innerText.includes('kubernetes-bootcamp:v1'));
  assert.equal(await page.locator('.scene .workload').count(), 0, 'it was run');
  await lesson(page).getByRole('button', { name: /^Edit / }).first().click();
  const field = lesson(page).locator('.editing textarea');
  await field.fill('echo edited before');
  await field.press('Enter');
  await page.waitForFunction(() => document.querySelector('.terminal').innerText.includes('\nedited before'));
  await page.context().close();
});

test('a link points at the thing in the picture', async () => {
  const page = await begin('en');
  await lesson(page).locator('.run').first().click();
  await page.locator('.scene .pod.ready').waitFor({ timeout: PATIENCE });
  await lesson(page).locator('.inline.point').first().click();
  assert.equal(await page.locator('.pod[data-looked]').count(), 1);
  await page.context().close();
});

test('the terminal knows the lesson, and the list has every chapter', async () => {
  const page = await begin('en');
  await page.locator('.screen:not([hidden]) .keys').focus();
  await page.keyboard.type('levels');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => document.querySelector('.terminal').innerText.includes('[>] basics/2-deploy-an-app'));
  await page.getByRole('button', { name: 'Lessons' }).click();
  assert.ok((await lesson(page).locator('.entry').count()) >= 24);
  await lesson(page).locator('.entry').first().click();
  await lesson(page).getByRole('heading', { name: 'Create a cluster' }).waitFor({ timeout: PATIENCE });
  await page.context().close();
});

test('hint, solution and reset are answered in the terminal', { timeout: 120_000 }, async () => {
  const page = await begin('en');
  const terminal = new Terminal(page);
  assert.match(await terminal.run('lesson'), /# Deploy an app\nStep 1 of 4[^]*\[ \] .*[^]*Still missing:\n- /);
  assert.match(await terminal.run('hint'), /^Hint 1 of \d+:\n/);
  assert.equal(await lesson(page).locator('.hint-of-step').count(), 1, 'the page shows the hint too');
  assert.match(await terminal.run('solution'), /^kubectl create deployment kubernetes-bootcamp/);
  await terminal.run('kubectl create deployment kubernetes-bootcamp --image=gcr.io/google-samples/kubernetes-bootcamp:v1');
  await lesson(page).locator('.reached').waitFor({ timeout: PATIENCE });
  await terminal.focus();
  await page.keyboard.type('reset');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => !document.querySelector('.reached') && !document.querySelector('.scene .workload'));
  await lesson(page).locator('.goal').first().waitFor({ timeout: PATIENCE });
  assert.match(await terminal.run('kubectl get deployments'), /No resources found/);
  assert.match(await step(page).getAttribute('aria-label'), /1/);
  await page.context().close();
});

test('progress goes to another browser by a file, in the middle of a lesson too', { timeout: 240_000 }, async () => {
  const page = await begin('en');
  await solve(page, WORDS.en);
  // Another lesson in between: where one was left is kept for each.
  await page.getByRole('button', { name: 'Lessons' }).click();
  await lesson(page).locator('.entry').first().click();
  await lesson(page).getByRole('heading', { name: 'Create a cluster' }).waitFor({ timeout: PATIENCE });
  await page.getByRole('button', { name: 'Lessons' }).click();
  const [file] = await Promise.all([page.waitForEvent('download'), lesson(page).getByText('Save as a file').click()]);
  const saved = await readFile(await file.path());
  const { kind, begun } = JSON.parse(saved);
  assert.equal(kind, 'KubariumProgress');
  assert.deepEqual(Object.keys(begun), ['basics/1-create-a-cluster', LESSON]);
  await page.context().close();

  const other = await open(browser, { acceptDownloads: true });
  await other.getByRole('button', { name: 'Lessons' }).click();
  await lesson(other).locator('.entry').first().waitFor();
  assert.equal(await lesson(other).locator('.entry.begun').count(), 0);
  const load = (name, buffer) =>
    lesson(other).locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer });
  await load('nonsense.json', Buffer.from('{"kind": "Pod"}'));
  await lesson(other).getByText('That file holds no progress').first().waitFor();
  await load('progress.json', saved);
  await lesson(other).getByText('Your progress was loaded.').first().waitFor();
  assert.equal(await lesson(other).locator('.entry.begun').count(), 2);
  await lesson(other).locator('.entry', { hasText: 'Deploy an app' }).click();
  await lesson(other).locator('.goal').first().waitFor({ timeout: PATIENCE });
  assert.match(await step(other).getAttribute('aria-label'), /2/);
  await other.locator('.scene .pod.ready').waitFor();
  assert.equal(await lesson(other).getByText('could not be repeated').count(), 0);

  // Without what was done, it says so.
  const bare = JSON.parse(saved);
  delete bare.journals;
  await other.evaluate(() => localStorage.clear());
  await other.goto(url);
  await other.locator('[data-whole]').first().waitFor();
  await other.getByRole('button', { name: 'Lessons' }).click();
  await load('progress.json', Buffer.from(JSON.stringify(bare)));
  await lesson(other).locator('.entry', { hasText: 'Deploy an app' }).click();
  await lesson(other).getByText('You had reached step 2 of this lesson.').waitFor({ timeout: PATIENCE });
  assert.match(await step(other).getAttribute('aria-label'), /1/);
  await other.context().close();
});
