/** What the element's events tell. */
export interface KubariumEventMap {
  /** Whatever is typed from now on is run. */
  ready: CustomEvent<Record<string, never>>;
  /** A command that was typed, by the reader or the page, has ended. */
  command: CustomEvent<{ command: string; exit: number }>;
  /** Objects of the cluster have changed: at most a few times a second. `time` is virtual, in seconds since 1970. */
  change: CustomEvent<{ time: number }>;
  /** A step of a lesson was done for the first time; `finished`: it was the last. */
  solved: CustomEvent<{ lesson: string; step: string; finished: boolean }>;
  /** An attribute cannot be read, something could not be loaded, or the playground has broken. */
  error: CustomEvent<{ message: string }>;
}

/** What a command has printed, as plain text, and its exit code: of several, all that they printed and the last's. */
export interface KubariumResult {
  output: string;
  exit: number;
}

/** A moment of a playground. It can be restored in that playground as long as the element stays in the document. */
export interface KubariumSnapshot {
  readonly __kubariumSnapshot: unique symbol;
}

/** A small Linux that runs a script, under a name such as `example.com/shop:1`. */
export interface KubariumImage {
  name: string;
  script: string;
}

/** `<kubarium-playground>`. Properties mirror attributes. Every promise waits until the playground is there. */
export class KubariumPlayground extends HTMLElement {
  /** The version of the script, as in the package. What is said here stays so in all versions with the same first number. */
  static readonly version: string;
  /**
   * Makes the page that is open, and all that it and playgrounds need, work without a network from the next visit on.
   * `worker` is the address of kubarium-sw.js, which must lie above the pages that are to be kept.
   */
  static offline(worker: string | URL): Promise<void>;

  /** How many nodes the cluster has, 1 to 100. Another number is another cluster. */
  get nodes(): string | null;
  set nodes(value: string | number | null);
  /** All randomness comes from this. Another one is another cluster. */
  get seed(): string | null;
  set seed(value: string | number | null);
  /**
   * `cluster` (the default), `services`, `nodes` or `events`: what is brought into view first.
   * `terminal` or `picture`: the only pane that is shown.
   */
  view: string | null;
  /** `auto` (the default), `light` or `dark`. */
  theme: string | null;
  /** A number of pixels, or any CSS length. The default is 480. */
  get height(): string | null;
  set height(value: string | number | null);
  /** The reader cannot type: commands are the page's. */
  readonly: boolean;
  /** Which controls are shown: any of `title lessons time theme language tabs nodes requests news`, or `none`. Without it, all. */
  controls: string | null;
  /** The address of a lesson of the author's own: its folder, or a bundle of it (`kubarium lesson bundle`). */
  src: string | null;

  /** Resolved when the playground can be used. Asking for it loads it wherever it stands. */
  get ready(): Promise<void>;
  /** Types a command, or a script of several, into a terminal that waits for one. */
  run(command: string): Promise<KubariumResult>;
  /** Keeps the moment: the cluster, and the files on the laptop. */
  snapshot(): Promise<KubariumSnapshot>;
  /** Goes back to a moment. The terminals are new. */
  restore(snapshot: KubariumSnapshot): Promise<void>;
  /** Everything from the start. */
  reset(): Promise<void>;
  /** Opens a lesson by its name, such as `basics/2-deploy-an-app`: sets the attribute `lesson`. `null` closes it. */
  lesson(name: string | null): Promise<void>;
  /** Adds an image to the registries of this playground's clusters. */
  registerImage(image: KubariumImage): Promise<void>;

  addEventListener<K extends keyof KubariumEventMap>(
    type: K,
    listener: (this: KubariumPlayground, event: KubariumEventMap[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  addEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof KubariumEventMap>(
    type: K,
    listener: (this: KubariumPlayground, event: KubariumEventMap[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
  removeEventListener(
    type: string,
    listener: EventListenerOrEventListenerObject,
    options?: boolean | EventListenerOptions,
  ): void;
}

declare global {
  interface HTMLElementTagNameMap {
    'kubarium-playground': KubariumPlayground;
  }
}
