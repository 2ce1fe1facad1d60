// bars.mjs ADDRESS: opens the page of the program `bars` and prints what it writes.
import { launch } from '../support/page.mjs';

/** A hundred scenarios take a while. */
const LIMIT = 1_800_000;

const browser = await launch();
const tab = await browser.newPage();
const failed = new Promise((_, fail) => tab.on('pageerror', fail));
await tab.goto(process.argv[2], { waitUntil: 'commit' });
const done = tab.waitForFunction(() => document.body?.lastElementChild?.textContent === 'done', null, { timeout: LIMIT });
await Promise.race([done, failed]);
const lines = await tab.locator('p').allTextContents();
console.log(lines.slice(0, -1).join('\n'));
await browser.close();
