// embed-load.mjs LIMIT: time from navigation to a prompt that is laid out, of a page with one element and of the
// stand-alone page, in turn. LIMIT: the first may take so many times as long.
import { launch } from '../support/page.mjs';
import { page, serve } from '../support/site.mjs';

/** Loads of each page; the first of each warms the server and does not count. */
const LOADS = 31;

/** A prompt that has not come by then never will, in milliseconds. */
const PATIENCE = 30_000;

const limit = Number(process.argv[2]);
const element = page('<kubarium-playground height="900"></kubarium-playground>', '/kubarium.js');
const site = await serve({ at: '/', pages: { '/element.html': element }, headers: { 'Cache-Control': 'no-store' } });
const browser = await launch();

/** Milliseconds until there is a prompt and the frame after it has begun. Nothing is cached between loads. */
async function load(path) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const tab = await context.newPage();
  await tab.addInitScript((patience) => {
    const sign = '[data-testid=prompt]';
    const there = (root) => root?.querySelector(sign);
    window.prompted = new Promise((done, fail) => {
      setTimeout(() => fail(new Error(`no prompt after ${patience} ms`)), patience);
      const look = () => {
        const prompt = there(document) ?? there(document.querySelector('kubarium-playground')?.shadowRoot);
        requestAnimationFrame(prompt ? () => done(performance.now()) : look);
      };
      requestAnimationFrame(look);
    });
  }, PATIENCE);
  await tab.goto(site.url + path, { waitUntil: 'commit' });
  const time = await tab.evaluate(() => window.prompted);
  await context.close();
  return time;
}

const times = { '/': [], '/element.html': [] };
for (let turn = 0; turn < LOADS; turn++) {
  for (const path of Object.keys(times)) {
    const time = await load(path);
    if (turn > 0) times[path].push(time);
  }
}
await browser.close();
await site.close();

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const [alone, embedded] = Object.values(times).map(median);
console.log(`medians of ${LOADS - 1} loads to the prompt: stand-alone ${alone.toFixed(0)} ms, one element ${embedded.toFixed(0)} ms`);
console.log(`ratio ${(embedded / alone).toFixed(3)} (at most ${limit})`);
process.exitCode = embedded / alone <= limit ? 0 : 1;
