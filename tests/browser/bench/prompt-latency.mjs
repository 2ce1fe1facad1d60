// prompt-latency.mjs PAGE LIMIT: from Enter to the whole output of `kubectl get pods` in the document.
import { launch, open } from '../support/page.mjs';
import { Terminal } from '../support/terminal.mjs';

/** How often it is typed; the first tenth warms up and does not count. */
const TIMES = 330;

const [address, limit] = process.argv.slice(2);
const browser = await launch();
const page = await open(browser, {}, address);
const terminal = new Terminal(page);
await terminal.run('kubectl create deployment web --image=nginx --replicas=4');
await page.locator('.pod.ready').nth(3).waitFor();

await page.evaluate(() => {
  const lines = document.querySelector('.lines');
  let entered = 0;
  window.took = [];
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') entered = performance.now();
  }, { capture: true });
  new MutationObserver(() => {
    if (entered && /\$ $/.test(lines.lastElementChild.textContent) && /^web-/.test(lines.children[lines.children.length - 2]?.textContent)) {
      window.took.push(performance.now() - entered);
      entered = 0;
    }
  }).observe(lines, { childList: true, subtree: true });
});
for (let n = 0; n < TIMES; n++) {
  await page.keyboard.insertText('kubectl get pods');
  await page.keyboard.press('Enter');
  await page.waitForFunction((n) => window.took.length > n, n);
}
const times = (await page.evaluate(() => window.took)).slice(TIMES / 10).toSorted((a, b) => a - b);
await browser.close();

const at = (share) => times[Math.min(Math.floor(times.length * share), times.length - 1)];
console.log(`Enter to output of kubectl get pods, ${times.length} times: median ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms (at most ${limit})`);
process.exitCode = at(0.99) <= Number(limit) ? 0 : 1;
