// @ts-check
/// <reference lib="webworker" />
/**
 * A service worker that keeps pages with playgrounds: after the first visit they work without a network.
 *
 * A site without one of its own copies this file above its pages and calls `KubariumPlayground.offline('/kubarium-sw.js')`.
 * A site that has one writes `self.KUBARIUM_AT = '/path/to/kubarium/'; importScripts('kubarium-sw.js')` into it.
 */

/** Where kubarium.js lies. */
const SAID = /** @type {{KUBARIUM_AT?: string}} */ (self).KUBARIUM_AT ?? new URL(self.location.href).searchParams.get('at');
const AT = new URL(SAID ?? './', self.location.href).href;

/** What a playground needs; the build fills in the names. */
const FILES = ['./kubarium.js', './web-element.js', './web.wasm', './web-later.wasm', './playground.css', './lesson.css'];

const CACHE = 'kubarium';

/** The name of such a file changes with what is in it. */
const NAMED_BY_CONTENT = /-[0-9a-f]{16}\.\w+$/;

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));

/** Keeps files, each if it can be had. @param {string[]} files */
async function keep(files) {
  const cache = await caches.open(CACHE);
  const missing = await Promise.all(files.map(async (file) => ((await cache.match(file)) ? [] : [file])));
  await Promise.all(missing.flat().map((file) => cache.add(new Request(file, { mode: 'cors' })).catch(() => {})));
}

/** Files of an older version go. */
async function tidy() {
  const cache = await caches.open(CACHE);
  const now = new Set(FILES.map((file) => new URL(file, AT).href));
  for (const { url } of await cache.keys()) {
    if (url.startsWith(AT) && NAMED_BY_CONTENT.test(url) && !now.has(url)) await cache.delete(url);
  }
}

worker.addEventListener('install', (event) => {
  event.waitUntil(keep(FILES.map((file) => new URL(file, AT).href)).then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', (event) => event.waitUntil(tidy().then(() => worker.clients.claim())));

worker.addEventListener('message', (event) => {
  if (event.data?.kubarium === 'keep') event.waitUntil(keep(event.data.files));
});

/** From the network while there is one, so that nobody reads an old page. @param {Request} request */
async function newest(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request, { ignoreSearch: request.mode === 'navigate' });
    if (kept) return kept;
    throw error;
  }
}

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const ours = request.url.startsWith(AT) || new URL(request.url).origin === worker.location.origin;
  if (request.method !== 'GET' || !ours) return;
  const kept = NAMED_BY_CONTENT.test(request.url) ? caches.match(request.url) : Promise.resolve(undefined);
  event.respondWith(kept.then((answer) => answer ?? newest(request)));
});
