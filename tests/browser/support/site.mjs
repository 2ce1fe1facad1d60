// A small server for pages of others that embed a playground: pages from memory, the built folder below any path.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';

/** The built folder. */
export const dist = process.env.KUBARIUM_DIST ?? new URL('../../../dist/', import.meta.url).pathname;

const MIME = {
  '.css': 'text/css',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.wasm': 'application/wasm',
};

/**
 * Serves on a free port of loopback. `pages` maps paths to HTML; everything below `at` comes from `folder`. `headers`
 * are sent with all; `scripts` are pages that are JavaScript, `texts` plain ones; `mime` replaces media types; `host` is how browsers shall name the machine. Gives `{ url, log, close }`;
 * `log` collects the paths that were asked for.
 */
export async function serve({ pages = {}, scripts = {}, texts = {}, at = '/assets/kubarium/', folder = dist, headers = {}, mime = {}, host = '127.0.0.1' }) {
  const log = [];
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    log.push(path);
    const send = (status, type, body) =>
      response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'max-age=600', ...headers }).end(body);
    if (path === '/favicon.ico') return response.writeHead(204).end();
    if (pages[path] !== undefined) return send(200, MIME['.html'], pages[path]);
    if (texts[path] !== undefined) return send(200, 'text/plain; charset=utf-8', texts[path]);
    if (scripts[path] !== undefined) return send(200, MIME['.js'], scripts[path]);
    if (!path.startsWith(at)) return send(404, 'text/plain', 'not found');
    let file = join(folder, normalize(path.slice(at.length)));
    if (path.endsWith('/')) file = join(file, 'index.html');
    try {
      const type = { ...MIME, ...mime }[extname(file)] ?? 'application/octet-stream';
      send(200, type, await readFile(file));
    } catch {
      send(404, 'text/plain', 'not found');
    }
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const url = `http://${host}:${server.address().port}`;
  const close = () => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  };
  return { url, log, close };
}

/** A page with `body`, and the script of the element from `script`. */
export const page = (body, script = '/assets/kubarium/kubarium.js', head = '') => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A page</title>${head}
<script type="module" src="${script}"></script></head><body>${body}</body></html>`;
