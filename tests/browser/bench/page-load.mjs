// page-load.mjs PAGE YARDSTICK LIMIT: time from navigation to a prompt that is laid out, for both, in turn.
import { launch } from '../support/page.mjs';

/** Loads of each page; the first of each warms the server and does not count. */
const LOADS = 11;

/** A prompt that has not come by then never will, in milliseconds. */
const PATIENCE = 30_000;

const [page, yardstick, limit] = process.argv.slice(2);
const browser = await launch();

/** Milliseconds until the prompt is in the document and the frame after it has begun. Nothing is cached between loads. */
async function load(address) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const tab = await context.newPage();
  await tab.addInitScript((patience) => {
    window.prompted = new Promise((done, fail) => {
      setTimeout(() => fail(new Error(`no [data-testid=prompt] after ${patience} ms`)), patience);
      const look = () => {
        if (!document.querySelector('[data-testid=prompt]')) return;
        watch.disconnect();
        requestAnimationFrame(() => done(performance.now()));
      };
      const watch = new MutationObserver(look);
      watch.observe(document, { childList: true, subtree: true });
    });
  }, PATIENCE);
  await tab.goto(address, { waitUntil: 'commit' });
  const time = await tab.evaluate(() => window.prompted);
  await context.close();
  return time;
}

const times = { [page]: [], [yardstick]: [] };
for (let turn = 0; turn < LOADS; turn++) {
  for (const address of [page, yardstick]) {
    const time = await load(address);
    if (turn > 0) times[address].push(time);
  }
}
await browser.close();

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const [ours, theirs] = [median(times[page]), median(times[yardstick])];
console.log(`to the prompt, median of ${LOADS - 1} loads: page ${ours.toFixed(0)} ms, hello ${theirs.toFixed(0)} ms`);
console.log(`ratio ${(ours / theirs).toFixed(2)} (at most ${limit})`);
process.exitCode = ours / theirs <= Number(limit) ? 0 : 1;
