// frames.mjs PAGE P95 MAX: main-thread work per frame during a rollout of 40 pods on 10 nodes with 50 requests a second.
import { launch, open } from '../support/page.mjs';
import { Terminal } from '../support/terminal.mjs';

const PODS = 40;

const [address, p95, most] = process.argv.slice(2);
const browser = await launch();
const page = await open(browser, {}, `${address}?nodes=10&seed=7`);
const terminal = new Terminal(page);
const ready = (image) =>
  page.waitForFunction(
    ([pods, image]) => {
      const own = [...document.querySelectorAll('.workload .revision')].map((line) => line.textContent);
      return own.length === 1 && own[0].includes(image) && own[0].endsWith(`${pods}/${pods}`);
    },
    [PODS, image],
    { timeout: 120_000 },
  );
await terminal.run(`kubectl create deployment web --image=gcr.io/google-samples/kubernetes-bootcamp:v1 --replicas=${PODS}`);
await terminal.run('kubectl expose deployment web --type=NodePort --port=8080');
await ready(':v1');
await page.getByLabel('Steady stream').selectOption('50');
await page.waitForTimeout(1000);

await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline'] });
await terminal.run('kubectl set image deployment/web kubernetes-bootcamp=docker.io/jocatalin/kubernetes-bootcamp:v2');
await ready(':v2');
await page.waitForTimeout(1000);
const trace = JSON.parse((await browser.stopTracing()).toString()).traceEvents;
const counts = await page.locator('.counts').innerText();
await browser.close();

/** Milliseconds of the page's main thread that each frame took: every task from its beginning to the next one's. */
function frames(trace) {
  const begins = trace.filter((e) => e.name === 'FireAnimationFrame');
  const key = (e) => `${e.pid} ${e.tid}`;
  const threads = new Map();
  for (const begin of begins) threads.set(key(begin), [...(threads.get(key(begin)) ?? []), begin]);
  const [main, marks] = [...threads].toSorted((a, b) => b[1].length - a[1].length)[0];
  const starts = marks.map((e) => e.ts).toSorted((a, b) => a - b);
  const work = new Array(starts.length).fill(0);
  const tasks = trace.filter((e) => key(e) === main && e.ph === 'X' && /RunTask$/.test(e.name));
  for (const task of tasks) {
    // A frame's own task begins a little before its callbacks are called.
    const frame = starts.findLastIndex((start) => start <= task.ts + task.dur);
    if (frame >= 0) work[frame] += (task.tdur ?? task.dur) / 1000;
  }
  return work.slice(1).toSorted((a, b) => a - b);
}

const work = frames(trace);
const at = (share) => work[Math.min(Math.floor(work.length * share), work.length - 1)];
console.log(
  `main-thread work per frame, ${work.length} frames: median ${at(0.5).toFixed(1)} ms, p95 ${at(0.95).toFixed(1)} ms (below ${p95}), ` +
    `most ${at(1).toFixed(1)} ms (at most ${most}); requests ${counts}`,
);
process.exitCode = at(0.95) < Number(p95) && at(1) <= Number(most) ? 0 : 1;
