// The page's terminals, used as a person uses them: typing, reading, changing tabs.
import assert from 'node:assert/strict';

/** A prompt that waits for a command: the laptop's, a node's, a pod's. */
const PROMPT = /^(\S+ \$|docker@\S+:\S+\$|root@\S+:\S+#) $/;

/** How long a command may take, in milliseconds of real time. */
const PATIENCE = 20_000;

export class Terminal {
  constructor(page) {
    this.page = page;
    this.screen = page.locator('.screen:not([hidden])');
  }

  /** The lines of the shown terminal. */
  lines() {
    return this.screen.evaluate((screen) => [...screen.querySelectorAll('.line')].map((line) => line.textContent));
  }

  async text() {
    return (await this.lines()).join('\n');
  }

  /** Puts the keyboard into the shown terminal. */
  async focus() {
    await this.screen.getByTestId('prompt').focus();
  }

  /** Waits until the last line satisfies `done`, a function or a regular expression. */
  async lastLine(done, timeout = PATIENCE) {
    const test = typeof done === 'function' ? done : (line) => done.test(line);
    const end = Date.now() + timeout;
    for (;;) {
      const lines = await this.lines();
      if (test(lines.at(-1), lines)) return lines;
      if (Date.now() > end) assert.fail(`the terminal still shows\n${lines.slice(-30).join('\n')}`);
      await this.page.waitForTimeout(20);
    }
  }

  /** Waits for a prompt with nothing behind it. */
  prompt(timeout) {
    return this.lastLine(PROMPT, timeout);
  }

  /** The last line's number before a command. A terminal keeps 5000 lines; close to that it is cleared. */
  async ready(timeout) {
    const count = (await this.prompt(timeout)).length;
    if (count < 4000) return count;
    await this.page.keyboard.press('Control+l');
    return (await this.lastLine((line, all) => all.length < 4000 && PROMPT.test(line))).length;
  }

  /** Types a command and gives what it printed, once a prompt is back. */
  async run(command, { timeout = PATIENCE } = {}) {
    await this.focus();
    const before = await this.ready(timeout);
    await this.page.keyboard.type(command);
    await this.page.keyboard.press('Enter');
    const lines = await this.lastLine((line, all) => all.length > before && PROMPT.test(line), timeout);
    return lines.slice(before, -1).join('\n');
  }

  /** Types a command that goes on, and waits until it has printed something that fits. */
  async start(command, pattern, timeout = PATIENCE) {
    await this.focus();
    const before = await this.ready(timeout);
    await this.page.keyboard.type(command);
    await this.page.keyboard.press('Enter');
    await this.lastLine((_, all) => pattern.test(all.slice(before).join('\n')), timeout);
  }

  /** Ends what runs. */
  async interrupt() {
    await this.focus();
    await this.page.keyboard.press('Control+c');
    await this.prompt();
  }

  /** Shows terminal `number`, opening it if it is the next. */
  async tab(number) {
    const tab = this.page.getByRole('button', { name: `Terminal ${number}`, exact: true });
    if (await tab.count()) await tab.click();
    else await this.page.getByRole('button', { name: 'Open another terminal' }).click();
  }
}
