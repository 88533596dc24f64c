/**
 * Opens a page in headless Chromium and brings back what `in-page.js` saw there. Nothing is downloaded:
 * the browser is the one of the machine (`CHROMIUM_BIN`, or what is on the PATH).
 */

import { execFile } from 'node:child_process';
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** What was seen in the browser. */
export interface PageReport {
  /** What a reader or a screen reader would stumble over; empty when all is well. */
  readonly problems: readonly string[];
  /** Cells of the heat maps that carry a mark. */
  readonly cells: number;
  /** Lowest contrast of a text with what is behind it, 1 to 21. */
  readonly lowest: number;
  /** Elements whose contrast was computed. */
  readonly texts: number;
  readonly scripts: number;
  /** Addresses that the page asked for besides itself. */
  readonly requests: readonly string[];
  /** From the navigation to the parsed document, in milliseconds. */
  readonly openedMs: number;
  /** The text as it is read. */
  readonly text: string;
  /** What a script from the page put here; null when none ran. */
  readonly alerted: string | null;
}

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
/** Longest life of one browser, in milliseconds. */
const LIMIT_MS = 90_000;

/** The browser's path; null when the machine has none. */
export function findBrowser(): string | null {
  const named = process.env['CHROMIUM_BIN'];
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = [
    ...(named === undefined ? [] : [named]),
    ...folders.flatMap((folder) => NAMES.map((name) => join(folder, name))),
  ];
  return candidates.find((path) => isExecutable(path)) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Opens the page at a width and reads the report. */
export async function openPage(
  browser: string,
  html: string,
  options: { readonly width?: number; readonly also?: string } = {},
): Promise<PageReport> {
  const check = readFileSync(new URL('./in-page.js', import.meta.url), 'utf8');
  const script = `<script data-check>window.alert=(text)=>{window.alerted=String(text)};${options.also ?? ''}\n{${check}}</script>`;
  // In front of everything else of the page, so that its own scripts, if there were any, would be seen.
  const page = html.replace('<head>', () => `<head>${script}`);
  const dom = await run(browser, page, [
    '--dump-dom',
    `--window-size=${options.width ?? 1280},900`,
  ]);
  const found = /<i id="report">([^<]*)<\/i>/u.exec(dom);
  if (found === null) throw new Error(`the page left no report:\n${dom.slice(-2000)}`);
  return JSON.parse(decodeURIComponent(found[1] ?? '')) as PageReport;
}

/** A PNG of the page as it is, without the check. */
export async function screenshot(
  browser: string,
  html: string,
  path: string,
): Promise<{ readonly bytes: number }> {
  await run(browser, html, [
    '--hide-scrollbars',
    '--window-size=1280,1800',
    `--screenshot=${path}`,
  ]);
  return { bytes: readFileSync(path).length };
}

async function run(browser: string, html: string, flags: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'sqlferry-page-'));
  const file = join(folder, 'page.html');
  writeFileSync(file, html);
  try {
    const { stdout } = await promisify(execFile)(
      browser,
      [
        '--headless',
        '--disable-gpu',
        // A window that nobody looks at would get one turn a second.
        '--disable-background-timer-throttling',
        '--disable-renderer-backgrounding',
        '--disable-backgrounding-occluded-windows',
        `--user-data-dir=${join(folder, 'profile')}`,
        // Chromium refuses its sandbox to root, which is who CI is.
        ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
        ...flags,
        `file://${file}`,
      ],
      { timeout: LIMIT_MS, maxBuffer: 64 * 1024 * 1024 },
    );
    return stdout;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}
