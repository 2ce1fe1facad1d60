// A browser and a page for one test file. The address comes from KUBARIUM_URL, the browser from CHROMIUM.
import { createRequire } from 'node:module';

const { chromium } = createRequire(new URL('../../../tools/npm/', import.meta.url))('playwright-core');

/** The address of the page under test. */
export const url = process.env.KUBARIUM_URL ?? 'http://127.0.0.1:8080/';

/** Starts headless Chromium; close it with `browser.close()`. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage'],
  });
}

/**
 * A fresh page on `address`, waiting until its prompt is there and commands can be run. `options` are playwright's for a browser context
 * (viewport, colorScheme, reducedMotion). `page.complaints` collects what goes wrong in it.
 */
export async function open(browser, options = {}, address = url) {
  const page = await openPrompt(browser, options, address);
  await page.locator('[data-whole]').first().waitFor();
  return page;
}

/** The same, but only the prompt has to be there. */
export async function openPrompt(browser, options = {}, address = url) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()));
  page.on('requestfailed', (request) => page.complaints.push(`failed: ${request.url()}`));
  page.on('response', (answer) => answer.status() >= 400 && page.complaints.push(`${answer.status()}: ${answer.url()}`));
  await page.goto(address);
  await page.getByTestId('prompt').first().waitFor();
  return page;
}
