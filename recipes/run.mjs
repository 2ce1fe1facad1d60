// run.mjs WORK [NAME...]: builds the named recipes, or all, in copies below WORK, and opens each in headless Chromium: the
// playground must come up and answer. The built page is found as in the browser tests.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from '../tests/browser/support/page.mjs';
import { dist, serve } from '../tests/browser/support/site.mjs';

const here = new URL('.', import.meta.url).pathname;
const all = readdirSync(here).filter((name) => existsSync(join(here, name, 'recipe.json')));
const [work, ...asked] = process.argv.slice(2);
const names = asked.length ? asked : all;
const unknown = names.find((name) => !all.includes(name));
if (unknown) {
  console.error(`there is no recipe ${unknown}; there are ${all.join(', ')}`);
  process.exit(2);
}

/** The longest that one step of a build may take, in milliseconds. */
const PATIENCE = 900_000;

/** Builds a copy of the recipe and gives the folder of its site. What was installed for it before stays. */
function build(name) {
  const recipe = JSON.parse(readFileSync(join(here, name, 'recipe.json'), 'utf8'));
  const folder = join(work, name);
  mkdirSync(folder, { recursive: true });
  cpSync(join(here, name), folder, { recursive: true });
  const assets = join(folder, recipe.assets);
  rmSync(assets, { recursive: true, force: true });
  cpSync(dist, assets, { recursive: true, filter: (file) => !/(\.(br|gz)|\/index\.html)$/.test(file) });
  for (const [program, ...words] of recipe.build) {
    const path = program.includes('/') ? join(folder, program) : program;
    execFileSync(path, words, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'], timeout: PATIENCE });
  }
  return { site: join(folder, recipe.out), open: recipe.open };
}

/** Opens the page; a complaint, or nothing. */
async function look(browser, { site, open }) {
  const server = await serve({ at: '/', folder: site });
  const tab = await browser.newPage();
  try {
    await tab.goto(server.url + open);
    const playground = tab.locator('kubarium-playground');
    await playground.scrollIntoViewIfNeeded({ timeout: 20_000 });
    const { output } = await playground.evaluate((e) => customElements.whenDefined(e.localName).then(() => e.run('kubectl get nodes -o name')));
    if (output !== 'node/minikube\nnode/minikube-m02\n') return `it answers ${JSON.stringify(output)}`;
    return (await tab.locator('kubarium-playground pre').first().isVisible()) ? 'the fallback is still shown' : undefined;
  } finally {
    await tab.close();
    await server.close();
  }
}

const browser = await launch();
let failed = 0;
for (const name of names) {
  let complaint;
  try {
    complaint = await look(browser, build(name));
  } catch (error) {
    complaint = String(error).split('\n')[0];
  }
  console.log(complaint ? `${name}: ${complaint}` : `${name}: built, opened, answers`);
  failed += complaint ? 1 : 0;
}
await browser.close();
console.log(`${names.length - failed} of ${names.length} recipes work`);
process.exitCode = failed ? 1 : 0;
