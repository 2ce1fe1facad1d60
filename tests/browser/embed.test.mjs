// The custom element in pages of others: what docs/embedding.md promises to their authors.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch } from './support/page.mjs';
import { page, serve } from './support/site.mjs';

const ELEMENT = '<kubarium-playground><pre>kubectl get nodes</pre></kubarium-playground>';
const FALLBACK = 'kubarium-playground pre';
const LIMIT = { timeout: 60_000 };

let browser;
before(async () => (browser = await launch()));
after(() => browser.close());

/** Opens `path` of a site; closes both when the test ends. `options` are those of a browser context. */
async function visit(t, site, path = '/', options = {}) {
  const server = site.log ? site : await serve(site);
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  t.after(() => Promise.all([context.close(), server.close()]));
  const tab = await context.newPage();
  tab.complaints = [];
  tab.on('pageerror', (error) => tab.complaints.push(String(error)));
  tab.on('console', (message) => message.type() === 'error' && tab.complaints.push(message.text()));
  tab.site = server;
  await tab.goto(server.url + path);
  return tab;
}

/** Lets the test reach into the instances of the program, in the order of their elements. */
const KEEP_PROGRAMS = `
  globalThis.programs = [];
  const instantiate = WebAssembly.instantiate;
  WebAssembly.instantiate = async (...given) => {
    const made = await instantiate.apply(WebAssembly, given);
    if (made.exports?.mount) programs.push(made);
    return made;
  };`;

/** Evaluates an expression in which `e` is the element. */
const ask = (tab, what, selector = 'kubarium-playground') =>
  tab.locator(selector).first().evaluate((e, what) => new Function('e', `return ${what}`)(e), what);

const run = (tab, command, selector) => ask(tab, `e.run(${JSON.stringify(command)})`, selector);

test('one script and one tag are a playground, in a page from another folder', LIMIT, async (t) => {
  const tab = await visit(t, { pages: { '/docs/a/b.html': page(ELEMENT) } }, '/docs/a/b.html');
  await tab.getByTestId('prompt').first().waitFor();
  const { output, exit } = await run(tab, 'kubectl get nodes');
  assert.match(output, /^NAME +STATUS.*\nminikube +Ready/);
  assert.equal(exit, 0);
  assert.equal(await tab.locator(FALLBACK).isVisible(), false, 'the fallback is hidden');
  assert.equal(await tab.evaluate(() => document.activeElement.tagName), 'BODY', 'the focus stays where it was');
  assert.match(await ask(tab, 'e.constructor.version'), /^\d+\.\d+\.\d+$/);
  // A person types, too.
  await tab.locator('.screen').click();
  await tab.keyboard.type('echo typed by hand');
  await tab.keyboard.press('Enter');
  await tab.locator('.line', { hasText: /^typed by hand$/ }).waitFor();
  assert.deepEqual(tab.complaints, []);
});

test('five elements: one program, five clusters, and a panic in one harms no other', LIMIT, async (t) => {
  const five = [1, 2, 3, 4, 5].map((n) => `<kubarium-playground id="p${n}" nodes="${n}" height="120"></kubarium-playground>`);
  const tab = await visit(t, { pages: { '/': page(five.join(''), undefined, `<script>${KEEP_PROGRAMS}</script>`) } });
  const nodes = await tab.evaluate(() =>
    Promise.all([...document.querySelectorAll('kubarium-playground')].map((e) => e.run('kubectl get nodes -o name'))),
  );
  assert.deepEqual(nodes.map(({ output }) => output.trim().split('\n').length), [1, 2, 3, 4, 5]);
  const wasm = tab.site.log.filter((path) => path.endsWith('.wasm'));
  assert.equal(new Set(wasm).size, wasm.length, `each part once: ${wasm}`);
  await run(tab, 'kubectl create deployment web --image=nginx', '#p1');
  assert.match((await run(tab, 'kubectl get deployments', '#p1')).output, /web/);
  assert.match((await run(tab, 'kubectl get deployments', '#p2')).output, /No resources found/);
  // As bad as a defect can be: the memory of one is overwritten.
  const trap = tab.waitForEvent('pageerror');
  await tab.evaluate(() => new Uint8Array(globalThis.programs[2].exports.memory.buffer).fill(0xff));
  ask(tab, `e.run('kubectl get nodes')`, '#p3').catch(() => {});
  await trap;
  assert.match((await run(tab, 'kubectl get nodes', '#p4')).output, /minikube-m04/);
});

test('without JavaScript or WebAssembly, and on paper, what stands in the tag is shown', LIMIT, async (t) => {
  const site = { pages: { '/': page(ELEMENT) } };
  const without = await visit(t, site, '/', { javaScriptEnabled: false });
  assert.ok(await without.locator(FALLBACK).isVisible());

  const old = await visit(t, { pages: { '/': page(ELEMENT, undefined, '<script>delete globalThis.WebAssembly</script>') } });
  const message = await ask(old, `new Promise((done) => { e.addEventListener('error', (event) => done(event.detail.message)); e.ready.catch(() => {}); })`);
  assert.match(message, /WebAssembly/);
  assert.ok(await old.locator(FALLBACK).isVisible());

  const paper = await visit(t, site);
  await ask(paper, 'e.ready');
  await paper.emulateMedia({ media: 'print' });
  assert.ok(await paper.locator(FALLBACK).isVisible());
  assert.equal(await paper.locator('.frame').isVisible(), false);
});

test('a playground that stands far below is loaded when it comes near, and rests while it is out of sight', LIMIT, async (t) => {
  const tab = await visit(t, { pages: { '/': page(`<div style="height: 4000px"></div>${ELEMENT}<div style="height: 4000px"></div>`) } });
  await tab.waitForLoadState('networkidle');
  assert.deepEqual(tab.site.log.filter((path) => path.endsWith('.wasm')), []);
  await tab.locator('kubarium-playground').scrollIntoViewIfNeeded();
  await ask(tab, 'e.ready');
  const clock = () => tab.locator('.clock').textContent();
  await tab.evaluate(() => scrollTo(0, 0));
  const frames = () => tab.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await frames();
  await tab.waitForFunction(() => {
    const clock = document.querySelector('kubarium-playground').shadowRoot.querySelector('.clock').textContent;
    const same = clock === globalThis.lastClock;
    globalThis.lastClock = clock;
    return same;
  }, null, { polling: 1500 });
  const before = await clock();
  assert.equal((await run(tab, 'sleep 2; echo awake')).output, 'awake\n', 'the page can still ask for something');
  assert.notEqual(await clock(), before);
});

test('what is moved goes on, what is removed ends, and can begin anew', LIMIT, async (t) => {
  const tab = await visit(t, { pages: { '/': page(`<div id="a">${ELEMENT}</div><div id="b"></div>`) } });
  await run(tab, 'kubectl create deployment web --image=nginx');
  await tab.evaluate(() => document.querySelector('#b').append(document.querySelector('kubarium-playground')));
  assert.match((await run(tab, 'kubectl get deployments')).output, /web/);
  await tab.evaluate(() => {
    globalThis.kept = document.querySelector('kubarium-playground');
    kept.remove();
  });
  assert.equal(await tab.evaluate(() => kept.shadowRoot.querySelector('.frame')), null);
  await tab.evaluate(() => document.body.append(kept));
  assert.match((await run(tab, 'kubectl get deployments')).output, /No resources found/);
  const orders = await tab.evaluate(async () => {
    const waits = kept.run('sleep 1000');
    await kept.registerImage({ name: 'example.com/x:1', script: 'true' });
    kept.remove();
    const late = kept.run('true');
    return (await Promise.allSettled([waits, late])).map(({ reason }) => reason?.message);
  });
  assert.deepEqual(orders, ['the playground was removed', 'the playground was removed']);
  assert.deepEqual(tab.complaints, []);
});

test('the API: run, snapshot, restore, reset, registerImage, and what the events tell', LIMIT, async (t) => {
  const tab = await visit(t, { pages: { '/': page(ELEMENT) } });
  await tab.evaluate(() => {
    const element = document.querySelector('kubarium-playground');
    globalThis.told = [];
    for (const type of ['ready', 'command', 'change', 'error']) {
      element.addEventListener(type, ({ detail }) => told.push({ type, ...detail }));
    }
  });
  const several = await run(tab, '# both of them\nfor i in 1 2; do\n  echo line $i\ndone\nls /nowhere');
  assert.deepEqual(several, { output: "line 1\nline 2\nls: cannot access '/nowhere': No such file or directory\n", exit: 2 });
  await assert.rejects(run(tab, 'for i in 1 2; do'), /not complete/);
  await ask(tab, `e.registerImage({ name: 'example.com/shop:1', script: 'echo open; while true; do sleep 1; done' })`);
  await assert.rejects(ask(tab, `e.registerImage({ name: 'No Name', script: '' })`), /no name of an image/);
  await assert.rejects(ask(tab, `e.registerImage({ name: 'example.com/none:1' })`), /a name and a script/);
  await run(tab, 'kubectl create deployment shop --image=example.com/shop:1; kubectl rollout status deployment/shop; echo kept > note');
  assert.equal((await run(tab, 'kubectl logs deployment/shop')).output, 'open\n');
  await tab.evaluate(async () => (globalThis.moment = await document.querySelector('kubarium-playground').snapshot()));
  await run(tab, 'kubectl delete deployment shop; rm note');
  await ask(tab, 'e.restore(moment)');
  assert.match((await run(tab, 'kubectl get deployment shop; cat note')).output, /shop +1\/1[^]*kept/);
  await ask(tab, 'e.reset()');
  assert.match((await run(tab, 'kubectl get deployments')).output, /No resources found/);
  const told = await tab.evaluate(() => told);
  assert.equal(told[0].type, 'ready');
  assert.ok(told.some((e) => e.type === 'command' && e.command === 'ls /nowhere' && e.exit === 2));
  assert.ok(told.some((e) => e.type === 'change' && e.time > 1.7e9));
  assert.ok(told.some((e) => e.type === 'error' && /not complete/.test(e.message)));
});

test('attributes and properties: nodes, theme, view, controls, readonly, height', LIMIT, async (t) => {
  const body = '<kubarium-playground nodes="1" theme="dark" controls="time" readonly height="20rem" view="cluster"></kubarium-playground>';
  const tab = await visit(t, { pages: { '/': page(body) } });
  await ask(tab, 'e.ready');
  const box = await tab.locator('kubarium-playground').boundingBox();
  assert.equal(box.height, 320);
  assert.equal(await tab.locator('.frame').getAttribute('data-theme'), 'dark');
  assert.ok(await tab.getByRole('button', { name: 'Pause' }).isVisible());
  for (const hidden of ['.name', '.tabs', '.switches', '.load', '.news']) {
    assert.equal(await tab.locator(hidden).first().isVisible(), false, hidden);
  }
  await tab.locator('.screen').click();
  await tab.keyboard.type('echo nobody');
  await tab.keyboard.press('Enter');
  assert.equal((await run(tab, 'echo the page')).output, 'the page\n');
  assert.doesNotMatch(await tab.locator('.lines').innerText(), /nobody/);
  assert.equal(await ask(tab, `(e.nodes = 2, e.readonly = false, e.view = 'terminal', e.getAttribute('nodes'))`), '2');
  assert.equal((await run(tab, 'kubectl get nodes -o name')).output.trim().split('\n').length, 2);
  assert.equal(await tab.locator('.pane.picture').isVisible(), false);
  const wrong = ask(tab, `new Promise((done) => { e.addEventListener('error', (event) => done(event.detail.message)); e.setAttribute('nodes', 'many'); })`);
  assert.match(await wrong, /nodes: "many" is not a whole number/);
  const height = ask(tab, `new Promise((done) => { e.addEventListener('error', (event) => done(event.detail.message)); e.height = '1 px'; })`);
  assert.equal(await height, 'height: "1 px" is no length');
  const told = await ask(tab, `(globalThis.told = [], e.addEventListener('error', (event) => told.push(event.detail.message)), e.nodes = 0, e.theme = 'pink', e.view = null, told)`);
  assert.deepEqual(told, ['nodes: "0" is not a whole number from 1 to 100', 'theme: there is no "pink"; there are auto, light, dark'], 'each is told once');
});

test('the page styles it by its variables and parts', LIMIT, async (t) => {
  const style = `<style>kubarium-playground { --kubarium-color-accent: rgb(200, 0, 100); }
    kubarium-playground::part(bar) { background: rgb(1, 2, 3); }</style>`;
  const tab = await visit(t, { pages: { '/': page(ELEMENT, undefined, style) } });
  await ask(tab, 'e.ready');
  const of = (selector, name) => tab.locator(selector).first().evaluate((e, name) => getComputedStyle(e).getPropertyValue(name), name);
  assert.equal(await of('.bar', 'background-color'), 'rgb(1, 2, 3)');
  assert.equal(await of('.frame', '--kubarium-request'), 'rgb(200, 0, 100)');
});

test("the page's own code blocks run in the playground", LIMIT, async (t) => {
  const blocks = `<pre data-kubarium-run="#here"><code>$ echo one\none\n$ echo two\ntwo</code></pre>
    <pre id="plain" data-kubarium-run>echo three</pre><kubarium-playground id="here"></kubarium-playground>`;
  const tab = await visit(t, { pages: { '/': page(blocks) } });
  await tab.getByRole('button', { name: 'Run' }).first().click();
  await tab.getByRole('button', { name: 'Run' }).nth(1).click();
  await tab.locator('.line', { hasText: /^three$/ }).waitFor();
  const text = await tab.locator('.lines').innerText();
  assert.match(text, /echo one\none\n.*echo two\ntwo\n.*echo three\nthree/);
  await tab.evaluate(() => ['#plain', '#1'].forEach((to) => {
    const block = Object.assign(document.createElement('pre'), { textContent: 'ls' });
    block.dataset.kubariumRun = to;
    document.body.append(block);
  }));
  const said = [];
  tab.on('console', (message) => said.push(message.text()));
  for (const last of [-2, -1]) await tab.locator('.kubarium-run').nth(last).click();
  assert.deepEqual(said, ['#plain', '#1'].map((to) => `kubarium: data-kubarium-run: there is no playground "${to}"`));
  assert.equal(await tab.locator('.kubarium-run').last().getAttribute('aria-busy'), null, 'it does not wait for ever');
  assert.deepEqual(tab.complaints, []);
  await tab.emulateMedia({ media: 'print' });
  assert.equal(await tab.locator('.kubarium-run').first().isVisible(), false, 'paper has no buttons');
});

test('a strict Content Security Policy', LIMIT, async (t) => {
  const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; connect-src 'self'; img-src 'self'";
  const tab = await visit(t, { pages: { '/': page(ELEMENT) }, headers: { 'Content-Security-Policy': policy } });
  await ask(tab, 'e.ready');
  await run(tab, 'kubectl create deployment web --image=nginx; kubectl rollout status deployment/web; kubectl expose deployment web --port=80');
  const service = tab.locator('.scene .service').first();
  await service.hover();
  await tab.locator('.card').waitFor();
  await service.click();
  await tab.locator('.inspector').waitFor();
  assert.deepEqual(tab.complaints, []);
});

test('a sandboxed frame, the variant for sites that allow nothing of this', LIMIT, async (t) => {
  const frame = '<iframe sandbox="allow-scripts" src="/inside.html" width="900" height="500" title="Kubernetes to try"></iframe>';
  const pages = { '/': `<!doctype html><title>Outside</title>${frame}`, '/inside.html': page(ELEMENT) };
  // A sandboxed frame is an origin of its own.
  const tab = await visit(t, { pages, headers: { 'Access-Control-Allow-Origin': '*' } });
  const inside = tab.frameLocator('iframe').locator('kubarium-playground');
  const { output } = await inside.evaluate((e) => e.run('kubectl get nodes -o name'));
  assert.match(output, /node\/minikube/);
});

test('from another origin', LIMIT, async (t) => {
  const away = await serve({ headers: { 'Access-Control-Allow-Origin': '*' }, host: 'localhost', at: '/cdn/kubarium@1/' });
  t.after(() => away.close());
  const tab = await visit(t, { pages: { '/': page(ELEMENT, `${away.url}/cdn/kubarium@1/kubarium.js`) } });
  assert.match((await run(tab, 'kubectl get nodes')).output, /minikube/);
  assert.ok(tab.site.log.every((path) => path === '/' || path === '/favicon.ico'), tab.site.log.join());
});

test('a server that knows no media type for wasm', LIMIT, async (t) => {
  const tab = await visit(t, { pages: { '/': page(ELEMENT) }, mime: { '.wasm': 'application/octet-stream' } });
  assert.match((await run(tab, 'kubectl get nodes')).output, /minikube/);
  assert.equal(tab.site.log.filter((path) => path.endsWith('.wasm')).length, 2, 'nothing was fetched twice');
});

test('a page without a network, after the first visit', LIMIT, async (t) => {
  const { readFile } = await import('node:fs/promises');
  const { dist } = await import('./support/site.mjs');
  const offline = `<script type="module">
    import { KubariumPlayground } from '/assets/kubarium/kubarium.js';
    globalThis.kept = KubariumPlayground.offline('/kubarium-sw.js');
  </script>`;
  const scripts = { '/kubarium-sw.js': await readFile(`${dist}/kubarium-sw.js`, 'utf8') };
  const server = await serve({ pages: { '/': page(ELEMENT, undefined, offline) }, scripts });
  const tab = await visit(t, server);
  await tab.waitForFunction(() => globalThis.kept);
  await tab.evaluate(() => globalThis.kept);
  // The last file is kept when the worker has nothing more to do.
  await tab.waitForFunction(async () => (await (await caches.open('kubarium')).keys()).filter((r) => /wasm|\/$/.test(r.url)).length === 3);
  await server.close();
  await tab.context().setOffline(true);
  await tab.reload();
  assert.match((await run(tab, 'kubectl get nodes')).output, /minikube/);
});

test('something that cannot be loaded is told, and the fallback stays', LIMIT, async (t) => {
  const tab = await visit(t, { pages: { '/': page('<p>A page</p>') } });
  await tab.route(/web-[0-9a-f]+\.wasm/, (route) => route.fulfill({ status: 503, body: '' }));
  const message = await tab.evaluate(() => {
    document.body.innerHTML = '<kubarium-playground><pre>kubectl get nodes</pre></kubarium-playground>';
    const element = document.body.firstElementChild;
    return new Promise((done) => element.addEventListener('error', ({ detail }) => done(detail.message)));
  });
  assert.match(message, /web-.*\.wasm: HTTP 503/);
  assert.ok(await tab.locator(FALLBACK).isVisible());
  await tab.unroute(/web-[0-9a-f]+\.wasm/);
  assert.match((await run(tab, 'kubectl get nodes')).output, /minikube/, 'the next one asks again');
});
