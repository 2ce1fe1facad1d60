// What a page's memory weighs: JavaScript, documents, and the memories of WebAssembly.
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../../tools/npm/', import.meta.url))('playwright-core');

/** A page may only be measured where it is alone with what it trusts. */
export const ISOLATED = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** Chromium that measures when it is asked, not when it likes to. */
export const launchMeasured = () =>
  chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-dev-shm-usage',
      '--js-flags=--expose-gc',
      '--enable-blink-features=ForceEagerMeasureMemory',
    ],
  });

/** Before the page is opened: keeps an eye on the memories of programs, which the browser does not count. */
export const watchPrograms = (tab) =>
  tab.addInitScript(() => {
    globalThis.memories = [];
    const instantiate = WebAssembly.instantiate;
    WebAssembly.instantiate = async (...given) => {
      const made = await instantiate.apply(WebAssembly, given);
      const memory = (made.instance ?? made).exports.memory;
      if (memory) globalThis.memories.push(new WeakRef(memory));
      return made;
    };
  });

/** Megabytes of 10^6 bytes, after everything that is of no use has been collected. */
export const megabytes = (tab) =>
  tab.evaluate(async () => {
    for (let round = 0; round < 4; round++) {
      globalThis.gc();
      await new Promise((next) => setTimeout(next, 50));
    }
    globalThis.memories = globalThis.memories.filter((memory) => memory.deref());
    const programs = globalThis.memories.reduce((sum, memory) => sum + (memory.deref()?.buffer.byteLength ?? 0), 0);
    return ((await performance.measureUserAgentSpecificMemory()).bytes + programs) / 1e6;
  });
