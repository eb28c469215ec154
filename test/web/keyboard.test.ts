import { beforeEach, describe, expect, it } from 'vitest';
import { ComputerKeyboard, Fingers } from '../../src/web/keyboard.ts';

let played: string[];
let fingers: Fingers;
let keyboard: ComputerKeyboard;
const key = (code: string, over: Partial<KeyboardEvent> = {}) => ({ code, repeat: false, ctrlKey: false, metaKey: false, altKey: false, ...over });

beforeEach(() => {
  played = [];
  fingers = new Fingers({ strike: (pitch, velocity) => played.push(`${pitch}@${velocity}`), lift: (pitch) => played.push(`-${pitch}`) });
  keyboard = new ComputerKeyboard(fingers);
});

describe('the computer keyboard', () => {
  it('is a piano from A to the quote', () => {
    for (const code of ['KeyA', 'KeyW', 'KeyS', 'KeyK', 'Semicolon', 'Quote']) keyboard.down(key(code));
    expect(played).toEqual(['60@84', '61@84', '62@84', '72@84', '76@84', '77@84']);
  });

  it('ignores repeats, shortcuts and what is no key', () => {
    keyboard.down(key('KeyA'));
    expect(keyboard.down(key('KeyA', { repeat: true }))).toBe(true);
    expect(keyboard.down(key('KeyS', { ctrlKey: true }))).toBe(false);
    expect(keyboard.down(key('Tab'))).toBe(false);
    expect(played).toEqual(['60@84']);
  });

  it('stays within the piano however far it is shifted', () => {
    for (let i = 0; i < 9; i++) keyboard.down(key('KeyX'));
    expect(keyboard.base).toBe(84);
    for (let i = 0; i < 9; i++) keyboard.down(key('KeyZ'));
    expect(keyboard.base).toBe(24);
    for (let i = 0; i < 20; i++) keyboard.down(key('KeyC'));
    expect(keyboard.velocity).toBe(14);
  });
});

describe('fingers', () => {
  it('strike a key once, and lift it with the last finger', () => {
    fingers.press('key:KeyA', 60, 80);
    fingers.press('pointer:1', 60, 90);
    fingers.release('key:KeyA');
    expect(played).toEqual(['60@80']);
    fingers.release('pointer:1');
    expect(played).toEqual(['60@80', '-60']);
  });

  it('slide from key to key', () => {
    fingers.press('pointer:1', 60, 80);
    fingers.press('pointer:1', 60, 90);
    fingers.press('pointer:1', 62, 90);
    expect(played).toEqual(['60@80', '-60', '62@90']);
  });

  it('let go by whose they are', () => {
    fingers.press('midi:a:1:60', 60, 80);
    fingers.press('key:KeyS', 62, 80);
    fingers.releaseAll('midi:a:');
    fingers.releaseAll();
    expect(played.slice(2)).toEqual(['-60', '-62']);
  });
});
