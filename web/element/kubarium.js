// @ts-check
/**
 * Defines <kubarium-playground>: a Kubernetes cluster with its terminal and its picture, in any page.
 *
 *     <script type="module" src="kubarium.js"></script>
 *     <kubarium-playground nodes="3"><pre>kubectl get nodes</pre></kubarium-playground>
 *
 * This is the one file that a page names. The rest lies beside it and is fetched when an element comes near the
 * viewport: once for the page, however many elements it has. Each element has an instance of the program for itself,
 * so that a defect in one harms no other. docs/embedding.md is for authors, kubarium.d.ts for editors and compilers.
 *
 * @typedef {(address: string) => Promise<WebAssembly.Module>} Loader
 * @typedef {{mount(place: Element, options: object, tell: (type: string, detail: object) => void, later: Loader): any,
 *   init(options: {module_or_path: WebAssembly.Module}): Promise<unknown>}} Program
 * @typedef {{program: () => Program, module: WebAssembly.Module, sheets: CSSStyleSheet[]}} Shared
 */

/** How far outside of the viewport an element is loaded and goes on, so that nobody sees it begin, in pixels. */
const NEAR = 300;

/** The version of all this; the build fills it in. */
const VERSION = '0.0.0-unbuilt';

/** What is said to whoever waits for a playground that is taken out of the page. */
const REMOVED = 'the playground was removed';

/** What the author may set, and what the program is told of it. */
const ATTRIBUTES = ['lesson', 'lang', 'nodes', 'seed', 'view', 'theme', 'height', 'readonly', 'controls', 'src'];

/** The element's own style. What stands in it (the slot) is shown as long as there is no playground, and in print. */
const STYLE = `
  :host { display: block; height: var(--kubarium-height, 480px); }
  :host([hidden]) { display: none; }
  .place { display: contents; }
  .up + slot { display: none; }
  @media print {
    :host { height: auto; }
    .place.covers { display: none; }
    .place + slot { display: block; }
  }
`;

/** A slot that is all there is needs no height of its own. */
const PLAIN = ':host { height: auto; }';

/** What all elements of the page have in common. It is made when the first needs it; after a failure, by the next.
 * @type {Promise<Shared> | undefined} */
let shared;

/** @type {Promise<WebAssembly.Module> | undefined} */
let later;

const share = () =>
  (shared ??= makeShared().catch((error) => {
    shared = undefined;
    throw error;
  }));

/** @returns {Promise<Shared>} */
async function makeShared() {
  // All at the same time. The build fills in the names of the files beside this one.
  const module = compile(new URL('./web.wasm', import.meta.url));
  const styles = [new URL('./playground.css', import.meta.url), new URL('./lesson.css', import.meta.url)];
  const texts = Promise.all(styles.map(async (style) => (await fetched(style)).text()));
  const program = import('./web-element.js');
  registerColors();
  const sheets = [STYLE, ...(await texts).map(inShadow)].map(sheet);
  return { program: (await program).default, module: await module, sheets };
}

/** The program's second part, compiled once. @type {Loader} */
const loadLater = () =>
  (later ??= compile(new URL('./web-later.wasm', import.meta.url)).catch((error) => {
    later = undefined;
    throw error;
  }));

/** @param {URL} address */
async function fetched(address) {
  const answer = await fetch(address);
  if (!answer.ok) throw new Error(`${address.pathname.split('/').pop()}: HTTP ${answer.status}`);
  return answer;
}

/** Compiled while it streams, where the server knows wasm's media type. @param {URL} address */
async function compile(address) {
  const answer = await fetched(address);
  const type = answer.headers.get('content-type') ?? '';
  return type.startsWith('application/wasm')
    ? WebAssembly.compileStreaming(answer)
    : WebAssembly.compile(await answer.arrayBuffer());
}

/** @param {string} text */
function sheet(text) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(text);
  return sheet;
}

/** The page's sheet hangs everything on the element's name; seen from its shadow root, the element is the host.
 * @param {string} text */
const inShadow = (text) => text.replace(/kubarium-playground\s*\{/g, ':host {').replace(/kubarium-playground\s+/g, '');

/** Sheets of a shadow root cannot register properties, and only a registered colour is read as one. */
function registerColors() {
  for (const name of ['request', 'answer', 'failed', 'ground']) {
    try {
      CSS.registerProperty({ name: `--kubarium-${name}`, syntax: '<color>', inherits: true, initialValue: 'gray' });
    } catch {
      // Registered already, by another copy of this script; or the browser cannot, and dots are gray.
    }
  }
}

/** Where there is no document, as when a site is rendered on a server, the class can be imported and does nothing. */
const Base = globalThis.HTMLElement ?? /** @type {typeof HTMLElement} */ (class {});

/** @type {IntersectionObserver | undefined} */
let watcher;

/** Tells the element whether it is near the viewport. @param {KubariumPlayground} element */
function watch(element) {
  watcher ??= new IntersectionObserver(
    (entries) => entries.forEach((e) => /** @type {KubariumPlayground} */ (e.target)._near(e.isIntersecting)),
    { rootMargin: `${NEAR}px` },
  );
  watcher.observe(element);
}

export class KubariumPlayground extends Base {
  static version = VERSION;
  static observedAttributes = ATTRIBUTES;

  /**
   * Makes the page that is open, and all that it and playgrounds need, work without a network from the next visit on.
   * @param {string | URL} worker the address of kubarium-sw.js, which must lie above the pages that are to be kept
   */
  static async offline(worker) {
    const address = new URL(worker, document.baseURI);
    address.searchParams.set('at', new URL('./', import.meta.url).href);
    await navigator.serviceWorker.register(address);
    const { active } = await navigator.serviceWorker.ready;
    const used = performance.getEntriesByType('resource').map((entry) => entry.name);
    active?.postMessage({ kubarium: 'keep', files: [location.href, ...used] });
  }

  /** @type {HTMLElement} */ #place;
  /** The playground, or the way to it. @type {Promise<any> | undefined} */ #playground;
  /** The same once it is there. @type {any} */ #up;
  #near = false;
  #size = new ResizeObserver(() => this.#up?.sized());
  #told = false;
  #own = new CSSStyleSheet();
  /** Ends what the page waits for when the playground ends. @type {((why: Error) => void) | undefined} */ #giveUp;
  /** @type {Promise<never> | undefined} */ #over;

  constructor() {
    super();
    const root = this.attachShadow({ mode: 'open' });
    this.#place = document.createElement('div');
    this.#place.className = 'place';
    root.append(this.#place, document.createElement('slot'));
    root.adoptedStyleSheets = [sheet(STYLE), this.#own];
  }

  connectedCallback() {
    watch(this);
    // What is to be seen at once does not wait for the observer, which speaks after a frame.
    const { top, bottom, width } = this.getBoundingClientRect();
    if (width > 0 && top < innerHeight + NEAR && bottom > -NEAR) this._near(true);
  }

  disconnectedCallback() {
    // Whoever moves an element takes it out and puts it in again before anything else happens.
    queueMicrotask(() => {
      if (!this.isConnected) this.#end();
    });
  }

  /** Moved as a whole: nothing changes. */
  connectedMoveCallback() {}

  /** @param {string} name @param {string | null} old @param {string | null} value */
  attributeChangedCallback(name, old, value) {
    if (old === value) return;
    if (name === 'height') this.#setHeight();
    else this.#set();
  }

  get ready() {
    return this.#start().then(() => undefined);
  }

  /** @param {string} command */
  async run(command) {
    try {
      return await this.#ask((playground) => playground.run(String(command)));
    } catch (error) {
      this.#tell('error', { message: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  }

  async snapshot() {
    return this.#ask((playground) => playground.snapshot());
  }

  /** @param {any} snapshot */
  async restore(snapshot) {
    return this.#ask((playground) => playground.restore(snapshot));
  }

  async reset() {
    return this.#ask((playground) => playground.reset());
  }

  /** @param {string | null} name */
  async lesson(name) {
    if (name == null) this.removeAttribute('lesson');
    else this.setAttribute('lesson', name);
    await this.#start();
  }

  /** @param {{name: string, script: string}} image */
  async registerImage({ name, script }) {
    if (typeof script !== 'string') throw new TypeError('an image has a name and a script');
    return this.#ask((playground) => playground.registerImage(String(name), script));
  }

  /** @internal @param {boolean} near */
  _near(near) {
    this.#near = near;
    this.#up?.suspend(!near);
    if (near && !this.#told) this.#start().catch(() => {});
  }

  /** Asks the playground for something, and waits as long as there is one. @param {(playground: any) => Promise<any>} what */
  async #ask(what) {
    const playground = await this.#start();
    if (!this.isConnected || playground !== this.#up) throw new Error(REMOVED);
    return Promise.race([what(playground), this.#over]);
  }

  /** Begins, unless it has begun. */
  #start() {
    return (this.#playground ??= this.#begin().catch((error) => {
      this.#playground = undefined;
      this.#failed(error);
      throw error;
    }));
  }

  async #begin() {
    if (!this.isConnected) throw new Error('the playground is not in the document');
    if (typeof WebAssembly !== 'object') throw new Error('this browser has no WebAssembly');
    const { program, module, sheets } = await share();
    const own = program();
    await own.init({ module_or_path: module });
    if (!this.isConnected) throw new Error(REMOVED);
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    root.adoptedStyleSheets = [...sheets, this.#own];
    const ready = new Promise((resolve) => this.addEventListener('ready', resolve, { once: true }));
    this.#over = new Promise((_, reject) => (this.#giveUp = reject));
    this.#over.catch(() => {}); // maybe nobody waits
    this.#up = own.mount(this.#place, this.#options(), (type, detail) => this.#tell(type, detail), loadLater);
    this.#place.classList.add('up');
    this.#place.classList.toggle('covers', this.textContent?.trim() !== '');
    this.#up.suspend(!this.#near);
    this.#size.observe(this);
    this.#setHeight();
    await Promise.race([ready, this.#over]);
    return this.#up;
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!this.isConnected) return;
    this.#told = true;
    const root = /** @type {ShadowRoot} */ (this.shadowRoot);
    root.adoptedStyleSheets = [sheet(STYLE), sheet(PLAIN)];
    const message = error instanceof Error ? error.message : String(error);
    this.#tell('error', { message });
  }

  /** @param {string} type @param {object} detail */
  #tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }

  #end() {
    watcher?.unobserve(this);
    this.#size.disconnect();
    this.#up?.destroy();
    this.#up?.free();
    this.#giveUp?.(new Error(REMOVED));
    this.#up = this.#playground = undefined;
    this.#near = this.#told = false;
    this.#place.className = 'place';
    this.#place.replaceChildren();
  }

  #set() {
    this.#up?.set(this.#options());
  }

  #setHeight() {
    const height = this.getAttribute('height') ?? '';
    const value = /^\d+$/.test(height) ? `${height}px` : height;
    const known = CSS.supports('height', value);
    this.#own.replaceSync(known ? `:host { height: ${value}; }` : '');
    if (height && !known && this.#up) this.#tell('error', { message: `height: ${JSON.stringify(height)} is no length` });
  }

  #options() {
    const get = (/** @type {string} */ name) => this.getAttribute(name);
    return {
      ...Object.fromEntries(ATTRIBUTES.map((name) => [name, get(name)])),
      lang: get('lang') ?? this.closest('[lang]')?.getAttribute('lang') ?? null,
      readonly: this.hasAttribute('readonly'),
    };
  }
}

// Properties mirror attributes. `lang` is every element's already; `lesson` is a method, which sets the attribute.
for (const name of ATTRIBUTES.filter((name) => !['lang', 'lesson', 'readonly'].includes(name))) {
  Object.defineProperty(KubariumPlayground.prototype, name, {
    configurable: true,
    enumerable: true,
    get() {
      return this.getAttribute(name);
    },
    set(value) {
      if (value == null) this.removeAttribute(name);
      else this.setAttribute(name, value);
    },
  });
}
Object.defineProperty(KubariumPlayground.prototype, 'readonly', {
  configurable: true,
  enumerable: true,
  get() {
    return this.hasAttribute('readonly');
  },
  set(value) {
    this.toggleAttribute('readonly', Boolean(value));
  },
});

/** What a run button says, by the beginning of the language's name. */
const RUN = { zh: '執行', en: 'Run' };

/** Pages that take no style from us (an older browser) show a plain button. */
const RUN_STYLE = `
  .kubarium-run { margin: 4px 0; font: inherit; cursor: pointer; }
  .kubarium-run[aria-busy="true"] { opacity: 0.6; }
  @media print { .kubarium-run { display: none; } }
`;

/** The commands of a code block: the lines after `$ `, if there are any, else all of it. @param {Element} block */
function commands(block) {
  const text = (block.querySelector('code') ?? block).textContent ?? '';
  const lines = text.split('\n');
  const typed = lines.filter((line) => /^[$>] /.test(line));
  return typed.some((line) => line.startsWith('$ ')) ? typed.map((line) => line.slice(2)).join('\n') : text.trim();
}

/** The playground that a block names; where there is none, its author reads why. @param {string} selector */
function meant(selector) {
  try {
    const found = document.querySelector(selector);
    if (found instanceof KubariumPlayground) return found;
  } catch {
    // It is no selector, so there is none either.
  }
  console.warn(`kubarium: data-kubarium-run: there is no playground ${JSON.stringify(selector)}`);
  return null;
}

/** Gives a block its button. @param {Element} block */
function bind(block) {
  if (block.nextElementSibling?.classList.contains('kubarium-run')) return;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'kubarium-run';
  const language = block.closest('[lang]')?.getAttribute('lang') ?? '';
  button.textContent = block.getAttribute('data-kubarium-label') ?? (language.startsWith('zh') ? RUN.zh : RUN.en);
  button.addEventListener('click', async () => {
    const playground = meant(block.getAttribute('data-kubarium-run') || 'kubarium-playground');
    if (!playground || button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    playground.scrollIntoView({ block: 'nearest' });
    // What cannot be run is told by the playground's own error event.
    await playground.run(commands(block)).catch(() => {});
    button.removeAttribute('aria-busy');
  });
  block.after(button);
}

/** Binds the page's code blocks: those that are there, and those that come. */
function bindBlocks() {
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet(RUN_STYLE)];
  const all = () => document.querySelectorAll('[data-kubarium-run]').forEach(bind);
  all();
  new MutationObserver(all).observe(document.documentElement, { childList: true, subtree: true });
}

if (globalThis.customElements && !customElements.get('kubarium-playground')) {
  customElements.define('kubarium-playground', KubariumPlayground);
  bindBlocks();
}
