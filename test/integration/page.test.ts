import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Browser, CHROMIUM, hasChromium, launchChromium } from '../web/chromium.ts';
import { folderWith, startDaemon, untilHeard, type Running } from './daemon.ts';

const named = (name: string): string => (hasChromium ? name : `${name} (skipped: there is no ${CHROMIUM})`);

describe.skipIf(!hasChromium)(named('the page and the daemon'), { timeout: 40_000 }, () => {
  let daemon: Running;
  let browser: Browser;

  beforeAll(async () => {
    // In free time: no pulse to wait for.
    const roles = [{ kind: 'respond', model: 'performance', channel: 2 }, { kind: 'harmonise', model: 'performance', channel: 3 }];
    daemon = await startDaemon(['partner'], { folder: folderWith({ name: 'partner', clock: { source: 'player' }, roles }) });
    browser = await launchChromium();
    await browser.page.goto(`http://127.0.0.1:${daemon.http}/`);
    await browser.page.waitForSelector('body.connected');
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await daemon?.discard();
  });

  const play = async (keys: string): Promise<void> => {
    for (const key of keys) {
      await browser.page.keyboard.down(key);
      await browser.page.waitForTimeout(120);
      await browser.page.keyboard.up(key);
      await browser.page.waitForTimeout(40);
    }
  };

  it('hears its keys, draws and sounds the harmony and then the answer', async () => {
    const { page } = browser;
    const painted = () => page.waitForFunction(() => window.antiphon.roll.painted.player > 0 && window.antiphon.roll.painted.harmonise > 0);
    await untilHeard(() => page.keyboard.down('k'), painted, () => page.keyboard.up('k'));
    // The harmony and the key itself.
    await page.waitForFunction(() => (window.antiphon.synth?.sounding ?? 0) >= 2);
    await page.keyboard.up('k');
    await play('adgf');
    await page.waitForFunction(() => window.antiphon.received.some((each) => each.type === 'note' && 'role' in each && each.role === 'respond'));
    await page.waitForFunction(() => window.antiphon.roll.painted.respond > 0);
    await page.waitForFunction(() => window.antiphon.roll.sounds('respond') && (window.antiphon.synth?.sounding ?? 0) > 0);
  });

  it('is silent as soon as a key is struck, and once everything was let go', async () => {
    const { page } = browser;
    await play('adgf');
    await page.waitForFunction(() => window.antiphon.roll.sounds('respond'));
    await page.keyboard.down('a');
    await page.waitForFunction(() => !window.antiphon.roll.sounds('respond'));
    await page.keyboard.up('a');
    await page.click('#panic');
    await page.waitForFunction(() => window.antiphon.synth?.sounding === 0);
  });

  it('shows the state of the daemon, and what another client changes', async () => {
    const { page } = browser;
    expect(await page.inputValue('#patch')).toBe('partner');
    await page.selectOption('#patch', 'harmony');
    await expect.poll(async () => ((await (await fetch(`http://127.0.0.1:${daemon.http}/state.json`)).json()) as { patch: string }).patch).toBe('harmony');
  });

  it('goes without a fault', () => expect(browser.faults).toEqual([]));
});
