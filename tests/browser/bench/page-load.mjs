// page-load.mjs PAGE YARDSTICK LIMIT: time from navigation to a prompt that is laid out, for both, in turn; and for the
// page also until the rest of the program is there. The limit is for the prompt: from then on what is typed is shown and
// kept, and it is run when the rest is there.
import { launch } from '../support/page.mjs';

/** Loads of each page; the first of each warms the server and does not count. */
const LOADS = 11;

/** A prompt that has not come by then never will, in milliseconds. */
const PATIENCE = 30_000;

const [page, yardstick, limit] = process.argv.slice(2);
const browser = await launch();

/** Milliseconds until `sign` is in the document and the frame after it has begun. Nothing is cached between loads. */
async function load(address, sign) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const tab = await context.newPage();
  await tab.addInitScript(([patience, sign]) => {
    window.prompted = new Promise((done, fail) => {
      setTimeout(() => fail(new Error(`no ${sign} after ${patience} ms`)), patience);
      const look = () => {
        if (!document.querySelector(sign)) return;
        watch.disconnect();
        requestAnimationFrame(() => done(performance.now()));
      };
      const watch = new MutationObserver(look);
      watch.observe(document, { childList: true, subtree: true, attributes: true });
    });
  }, [PATIENCE, sign]);
  await tab.goto(address, { waitUntil: 'commit' });
  const time = await tab.evaluate(() => window.prompted);
  await context.close();
  return time;
}

const PROMPT = '[data-testid=prompt]';
const rounds = { prompt: [page, PROMPT], whole: [page, '[data-whole]'], hello: [yardstick, PROMPT] };
const times = { prompt: [], whole: [], hello: [] };
for (let turn = 0; turn < LOADS; turn++) {
  for (const [name, [address, sign]] of Object.entries(rounds)) {
    const time = await load(address, sign);
    if (turn > 0) times[name].push(time);
  }
}
await browser.close();

const median = (list) => list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)];
const [prompt, whole, hello] = [times.prompt, times.whole, times.hello].map(median);
console.log(`medians of ${LOADS - 1} loads: prompt ${prompt.toFixed(0)} ms, whole program ${whole.toFixed(0)} ms, hello ${hello.toFixed(0)} ms`);
console.log(`ratio of the prompt ${(prompt / hello).toFixed(2)} (at most ${limit}), of the whole ${(whole / hello).toFixed(2)}`);
process.exitCode = prompt / hello <= Number(limit) ? 0 : 1;
