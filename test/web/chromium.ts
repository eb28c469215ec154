import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';

/** Where Chromium is: Debian's place, unless the environment says otherwise. */
export const CHROMIUM = process.env['ANTIPHON_CHROMIUM'] ?? '/usr/bin/chromium';

/** False where browser tests are to be skipped: no Chromium, and nothing says that the run must be complete. */
export const hasChromium = process.env['CI'] !== undefined || existsSync(CHROMIUM);

export interface Browser {
  readonly page: Page;
  /** What went wrong in the page since it was opened: uncaught errors and what the console calls an error. */
  readonly faults: readonly string[];
  close(): Promise<void>;
}

/** Chromium with an empty profile and one page of 1280 by 800, closed and cleaned up by `close`. */
export const launchChromium = async (): Promise<Browser> => {
  const profile = mkdtempSync(join(tmpdir(), 'antiphon-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: CHROMIUM,
    headless: true,
    viewport: { width: 1280, height: 800 },
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
  const page = context.pages()[0] ?? (await context.newPage());
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  return {
    page,
    faults,
    close: async () => {
      await context.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
};
