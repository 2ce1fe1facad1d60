// The custom element in pages of others.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/page.mjs';
import { page, serve } from './support/site.mjs';

const ELEMENT = '<kubarium-playground><pre>kubectl get nodes</pre></kubarium-playground>';
const ONE = 'kubarium-playground';

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** What went wrong in a page while it was open. */
function listen(tab) {
  tab.complaints = [];
  tab.on('pageerror', (error) => tab.complaints.push(String(error)));
  tab.on('console', (message) => message.type() === 'error' && tab.complaints.push(message.text()));
  return tab;
}

/** Opens `path` of a site; closes both when the test ends. `options` are those of a browser context. */
async function visit(t, site, path = '/', options = {}) {
  const server = await serve(site);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  t.after(() => Promise.all([context.close(), server.close()]));
  const tab = listen(await context.newPage());
  tab.site = server;
  await tab.goto(server.url + path);
  return tab;
}

/** Asks the element for something and gives what it says. */
const ask = (tab, what, selector = ONE) =>
  tab.evaluate(([selector, what]) => new Function('e', `return ${what}`)(document.querySelector(selector)), [selector, what]);

test('one script and one tag are a playground, in a page from another folder', { timeout: 60_000 }, async (t) => {
  const tab = await visit(t, { pages: { '/docs/a/b.html': page(ELEMENT) } }, '/docs/a/b.html');
  await tab.getByTestId('prompt').first().waitFor();
  const { output, exit } = await ask(tab, `e.run('kubectl get nodes')`);
  assert.match(output, /^NAME +STATUS.*\nminikube +Ready/);
  assert.equal(exit, 0);
  assert.equal(await tab.getByText('kubectl get nodes', { exact: true }).isVisible(), false, 'the fallback is hidden');
  assert.deepEqual(tab.complaints, []);
});
