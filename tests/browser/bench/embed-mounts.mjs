// embed-mounts.mjs MOUNTS LIMIT: memory of a page after so many elements were put in, used and taken out again, against
// that after the first tenth of them. LIMIT: how much it may grow, in percent.
import { page, serve } from '../support/site.mjs';
import { ISOLATED, launchMeasured, megabytes, watchPrograms } from '../support/memory.mjs';

const [mounts, limit] = process.argv.slice(2).map(Number);
const site = await serve({ pages: { '/': page('<main></main>') }, headers: ISOLATED });
const browser = await launchMeasured();
const tab = await browser.newPage();
await watchPrograms(tab);
const broken = [];
tab.on('pageerror', (error) => broken.push(String(error)));
await tab.goto(`${site.url}/`);

/** Puts in, waits until it can be used, runs a command, takes out: so many times. */
const churn = (times) =>
  tab.evaluate(async (times) => {
    const place = document.querySelector('main');
    for (let n = 0; n < times; n++) {
      const element = document.createElement('kubarium-playground');
      element.setAttribute('height', '200');
      place.append(element);
      await element.run('echo hello');
      element.remove();
      await new Promise((next) => setTimeout(next));
    }
  }, times);

const tenth = Math.ceil(mounts / 10);
const figures = [];
for (let part = 0; part < 10; part++) {
  await churn(tenth);
  figures.push(await megabytes(tab));
  console.log(`after ${(part + 1) * tenth} mounts and removals: ${figures.at(-1).toFixed(1)} MB`);
}
await browser.close();
await site.close();
const growth = (figures.at(-1) / figures[0] - 1) * 100;
console.log(`grown by ${growth.toFixed(1)} % since the first tenth (at most ${limit} %); ${broken.length} errors${broken.slice(0, 1)}`);
process.exitCode = growth <= limit && broken.length === 0 ? 0 : 1;
