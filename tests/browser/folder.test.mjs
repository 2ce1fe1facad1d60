// Lessons of others: a folder as its author keeps it, on any server, opened by `src`.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/page.mjs';
import { page, serve } from './support/site.mjs';
import { Terminal } from './support/terminal.mjs';

const LIMIT = { timeout: 120_000 };
const PATIENCE = 30_000;

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** A lesson with all that a folder may hold, and many nodes, so that its picture is larger than the window. */
const LESSON = {
  'lesson.yaml': `version: 1
minutes: 3
files: [notes/read me.txt]
cluster:
  nodes: 12
  manifests: [app.yaml]
steps:
  - id: look
    goals:
      - id: seen
        command: cat
  - id: alone
    goals:
      - id: two
        object: {kind: Deployment, name: web, where: [{path: .spec.replicas, is: 2}]}
`,
  'en.md': `# A lesson of my own

Look at [the nodes](view:nodes), [the Services](view:services), [the cluster](view:cluster) and [what happened](view:events).

## Read it

Open [the script](file:greet.sh).

\`\`\`sh
cat 'notes/read me.txt'
\`\`\`

- [ ] You have read it

> [!TIP]
> A hint *of mine*.

## On your own

- [ ] Two replicas
`,
  'zh-TW.md': `# 我的課程

## 讀一讀

打開[腳本](file:greet.sh)。

\`\`\`sh
cat 'notes/read me.txt'
\`\`\`

- [ ] 您已經讀過了

## 自己試試

- [ ] 兩個複本
`,
  'solution.sh': `# step: look
cat 'notes/read me.txt'
# step: alone
kubectl scale deployment web --replicas=2
`,
  'app.yaml': `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`,
  'greet.sh': 'echo hello from a file\n',
  'notes/read me.txt': 'read by a learner\n',
};

/** A server with a page and a lesson's folder; the browser shows the page. Both end with the test. */
async function visit(t, files, tag, headers = {}) {
  const texts = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/my/lesson/${name}`, text]));
  const server = await serve({ pages: { '/docs/a.html': page(tag) }, texts, headers });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, reducedMotion: 'reduce' });
  t.after(() => Promise.all([context.close(), server.close()]));
  const tab = await context.newPage();
  tab.complaints = [];
  tab.on('pageerror', (error) => tab.complaints.push(String(error)));
  tab.on('console', (message) => message.type() === 'error' && tab.complaints.push(message.text()));
  tab.on('dialog', (dialog) => tab.complaints.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
  tab.site = server;
  await tab.goto(`${server.url}/docs/a.html`);
  return tab;
}

const lesson = (tab) => tab.locator('.pane.lesson');
const goals = (tab) => lesson(tab).locator('.goal').first().waitFor({ timeout: PATIENCE });
const button = (tab, name) => lesson(tab).getByRole('button', { name, exact: true });

/** Whether some of it lies within the part of the picture that is shown. */
const inSight = (tab, selector) =>
  tab.locator(`.scene ${selector}`).first().evaluate((shape) => {
    const [own, view] = [shape, shape.closest('.view')].map((e) => e.getBoundingClientRect());
    return own.top < view.bottom && own.bottom > view.top;
  });

test('a folder is a lesson, under a strict policy: read, solved, and told to the page', LIMIT, async (t) => {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'";
  const tab = await visit(t, LESSON, '<kubarium-playground src="../my/lesson/"></kubarium-playground>', {
    'Content-Security-Policy': policy,
  });
  await tab.evaluate(() => {
    globalThis.solved = [];
    document.querySelector('kubarium-playground').addEventListener('solved', ({ detail }) => solved.push(detail));
  });
  await lesson(tab).getByRole('heading', { name: 'A lesson of my own' }).waitFor({ timeout: PATIENCE });
  await lesson(tab).locator('.run').click();
  await lesson(tab).locator('.reached').waitFor({ timeout: PATIENCE });
  assert.match(await new Terminal(tab).text(), /read by a learner/);
  await button(tab, 'Next').click();
  await button(tab, 'Solution').click();
  await lesson(tab).locator('.solution .run').click();
  await lesson(tab).locator('.reached').waitFor({ timeout: PATIENCE });
  const told = await tab.evaluate(() => solved);
  assert.deepEqual(told, [
    { lesson: 'my/lesson', step: 'look', finished: false },
    { lesson: 'my/lesson', step: 'alone', finished: true },
  ]);
  assert.equal(await lesson(tab).locator('details').count(), 0, 'nothing is left out');
  assert.deepEqual(tab.complaints, []);
});

test('its links bring parts of the picture into view, open the Events, and open files', LIMIT, async (t) => {
  const tab = await visit(t, LESSON, '<kubarium-playground src="/my/lesson/lesson.yaml" height="400"></kubarium-playground>');
  await goals(tab);
  const view = tab.locator('.pane.picture .view');
  await view.evaluate((view) => (view.scrollTop = view.scrollHeight));
  assert.equal(await inSight(tab, '.service'), false, 'the picture is too small for this test');
  await button(tab, 'the Services').click();
  assert.equal(await inSight(tab, '.service'), true);
  await view.evaluate((view) => (view.scrollTop = view.scrollHeight));
  await button(tab, 'the cluster').click();
  assert.equal(await inSight(tab, '.outside'), true);
  await view.evaluate((view) => (view.scrollTop = 0));
  await button(tab, 'the nodes').click();
  assert.equal(await inSight(tab, '.node'), true);
  await button(tab, 'what happened').click();
  await tab.locator('.inspector').getByText('SuccessfulCreate').first().waitFor();
  await button(tab, 'the script').click();
  const field = tab.locator('.editor textarea');
  assert.equal(await field.inputValue(), 'echo hello from a file\n');
  await field.fill('echo changed in the editor\n');
  await tab.getByRole('button', { name: 'Save and close' }).click();
  assert.match(await new Terminal(tab).run('sh greet.sh'), /^changed in the editor/);
  assert.deepEqual(tab.complaints, []);
});

test('the language is the reader’s, of those there are', LIMIT, async (t) => {
  const tab = await visit(t, LESSON, '<kubarium-playground src="/my/lesson/" lang="zh-TW"></kubarium-playground>');
  await lesson(tab).getByRole('heading', { name: '我的課程' }).waitFor({ timeout: PATIENCE });
  assert.ok(!tab.site.log.some((path) => path.endsWith('/en.md')), 'only one text is fetched');
  await tab.locator('kubarium-playground').evaluate((e) => e.setAttribute('lang', 'en'));
  await lesson(tab).getByRole('heading', { name: 'A lesson of my own' }).waitFor();
});

/** All that an author can do wrong. */
const WRONG = {
  'lesson.yaml': `version: 1
minutes: 3
sekrets: 7
cluster:
  manifests: [app.yaml, broken.yaml, gone.yaml]
  setup: kubectl get nonsense
steps:
  - id: look
    goals:
      - id: seen
        command: cat
      - id: never
        object: {kind: Deploiment}
  - id: unwritten
    goals:
      - id: web
        object: {kind: Deployment, name: web}
`,
  'zh-TW.md': `# Only one language <img src=x onerror="globalThis.hit = 1">

<script>globalThis.hit = 2</script>

[run](javascript:globalThis.hit=3) [data](data:text/html,<script>globalThis.hit=4</script>)

## Read it

What is **left** is shown.

- [ ] You have read it
- [ ] Something that cannot be asked for
`,
  'app.yaml': LESSON['app.yaml'],
  'broken.yaml': 'kind: [Pod\n',
};

test('of a lesson with mistakes the rest is shown, and what is left out is named', LIMIT, async (t) => {
  const tab = await visit(t, WRONG, '<kubarium-playground src="/my/lesson"></kubarium-playground>');
  await goals(tab);
  await lesson(tab).getByText('What is left is shown.').waitFor();
  await tab.locator('.scene .workload').first().waitFor();
  await lesson(tab).locator('summary').click();
  const left = await lesson(tab).locator('details li').allInnerTexts();
  const named = [
    /^en\.md: .*404/,
    /^solution\.sh: .*404/,
    /^lesson\.yaml:3: unknown key `sekrets`/,
    /^lesson\.yaml:13: unknown kind "Deploiment"/,
    /^zh-TW\.md:1: raw HTML/,
    /^zh-TW\.md:3: raw HTML `<script>/,
    /^zh-TW\.md:5: links to javascript: are not allowed/,
    /^zh-TW\.md:5: links to data: are not allowed/,
    /^broken\.yaml:1: .*yaml/,
    /^lesson\.yaml:5: manifest "gone.yaml" is not there/,
    /^lesson\.yaml: the set-up could not be done to its end: .*nonsense/s,
    /^zh-TW\.md: 1 steps, but lesson.yaml has 2/,
  ];
  for (const line of named) assert.ok(left.some((text) => line.test(text)), `${line} in\n${left.join('\n')}`);
  assert.equal(await lesson(tab).locator('.steps li').count(), 1, 'a step without a text is left out');
  assert.equal(await tab.evaluate(() => globalThis.hit), undefined);
  assert.deepEqual(tab.complaints.filter((text) => !text.includes('404')), []);
});

test('a lesson that is not there is said, and no address runs anything', LIMIT, async (t) => {
  const tags = ['src="/nowhere/"', 'src="javascript:globalThis.hit=1"', 'lesson="javascript:globalThis.hit=2"', 'src="data:text/html,<script>globalThis.hit=3</script>"', 'src="/docs/a.html"'];
  const tab = await visit(t, {}, tags.map((tag) => `<kubarium-playground ${tag} height="200"></kubarium-playground>`).join(''));
  for (let index = 0; index < tags.length; index += 1) {
    const element = tab.locator('kubarium-playground').nth(index);
    await element.scrollIntoViewIfNeeded();
    await element.locator('.pane.lesson [role="alert"]').getByText('could not be opened').waitFor({ timeout: PATIENCE });
  }
  assert.equal(await tab.evaluate(() => globalThis.hit), undefined);
  const told = await tab.locator('kubarium-playground').first().evaluate((e) =>
    new Promise((done) => {
      e.addEventListener('error', (event) => done(event.detail.message));
      e.setAttribute('src', '/nowhere/else/');
    }));
  assert.match(told, /\/nowhere\/else\/ could not be opened/);
});

test('an attribute that changes opens another lesson, a bundle too', LIMIT, async (t) => {
  const tab = await visit(t, LESSON, '<kubarium-playground src="/my/lesson/"></kubarium-playground>');
  await goals(tab);
  const set = (name, value) =>
    tab.locator('kubarium-playground').evaluate((e, [name, value]) => (value ? e.setAttribute(name, value) : e.removeAttribute(name)), [name, value]);
  await set('src', '/assets/kubarium/lessons/basics/1-create-a-cluster.en.json');
  await lesson(tab).getByRole('heading', { name: 'Create a cluster' }).waitFor({ timeout: PATIENCE });
  await set('src', null);
  await lesson(tab).waitFor({ state: 'detached' });
  await tab.locator('kubarium-playground').evaluate((e) => e.lesson('basics/3-explore-your-app'));
  await lesson(tab).locator('.goal').first().waitFor({ timeout: PATIENCE });
  assert.deepEqual(tab.complaints, []);
});
