// embed-five.mjs LIMIT: what five elements in a page weigh above one, in megabytes of memory, and what they download.
import { page, serve } from '../support/site.mjs';
import { ISOLATED, launchMeasured, megabytes, watchPrograms } from '../support/memory.mjs';

const limit = Number(process.argv[2]);
const elements = (count) => page('<kubarium-playground height="160"></kubarium-playground>'.repeat(count));
const pages = { '/1': elements(1), '/5': elements(5) };
const browser = await launchMeasured();

/** Opens the page with `count` elements; gives its memory and how often each part of the program was fetched. */
async function measure(count) {
  const site = await serve({ pages, headers: { ...ISOLATED, 'Cache-Control': 'no-store' } });
  const tab = await browser.newPage();
  await watchPrograms(tab);
  await tab.goto(`${site.url}/${count}`);
  await tab.evaluate(() => Promise.all([...document.querySelectorAll('kubarium-playground')].map((e) => e.ready)));
  const memory = await megabytes(tab);
  const fetched = site.log.filter((path) => path.endsWith('.wasm'));
  await tab.close();
  await site.close();
  return { memory, fetched };
}

const [one, five] = [await measure(1), await measure(5)];
await browser.close();
const more = five.memory - one.memory;
console.log(`one element ${one.memory.toFixed(1)} MB, five ${five.memory.toFixed(1)} MB: ${more.toFixed(1)} MB more (at most ${limit})`);
console.log(`parts of the program fetched: ${one.fetched.length} for one, ${five.fetched.length} for five`);
const once = new Set(five.fetched).size === five.fetched.length && five.fetched.length === one.fetched.length;
process.exitCode = more <= limit && once ? 0 : 1;
