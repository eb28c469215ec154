import { clamp } from '../core/units.ts';
import { HIGHEST, isBlack, keyBox, keyName, LOWEST } from './keys.ts';
import type { Fingers } from './keyboard.ts';

/** The drawn piano: played by mouse and touch, lit by whoever sounds a key. */
export class Piano {
  private readonly keys = new Map<number, HTMLElement>();
  private readonly lit = new Map<number, string[]>();
  private readonly root: HTMLElement;
  private readonly fingers: Fingers;

  constructor(root: HTMLElement, fingers: Fingers) {
    this.root = root;
    this.fingers = fingers;
    for (let pitch = LOWEST; pitch <= HIGHEST; pitch++) root.append(this.key(pitch));
    root.addEventListener('pointerdown', (event) => this.touch(event));
    root.addEventListener('pointermove', (event) => {
      if (event.buttons > 0 || event.pointerType === 'touch') this.touch(event);
    });
    for (const type of ['pointerup', 'pointercancel'] as const) addEventListener(type, (event) => fingers.release(`pointer:${event.pointerId}`));
  }

  /** Prints the computer keys on the piano's keys, the first on `base`. */
  hint(base: number, labels: readonly string[]): void {
    for (const [pitch, key] of this.keys) {
      const label = labels[pitch - base] ?? '';
      (key.firstElementChild as HTMLElement).textContent = label;
      key.classList.toggle('hinted', label !== '');
    }
  }

  /** Lights a key for `role`; as often as it is lit it must be put out. */
  light(pitch: number, role: string): void {
    this.lit.set(pitch, [...(this.lit.get(pitch) ?? []), role]);
    this.paint(pitch);
  }

  putOut(pitch: number, role: string): void {
    const roles = this.lit.get(pitch) ?? [];
    const at = roles.lastIndexOf(role);
    if (at >= 0) this.lit.set(pitch, roles.toSpliced(at, 1));
    this.paint(pitch);
  }

  private paint(pitch: number): void {
    const role = this.lit.get(pitch)?.at(-1);
    const key = this.keys.get(pitch);
    if (!key) return;
    if (role) key.dataset['role'] = role;
    else delete key.dataset['role'];
  }

  private key(pitch: number): HTMLElement {
    const key = document.createElement('div');
    key.className = isBlack(pitch) ? 'key black' : 'key white';
    key.dataset['pitch'] = String(pitch);
    const { left, width } = keyBox(pitch);
    key.style.left = `${left * 100}%`;
    key.style.width = `${width * 100}%`;
    key.append(document.createElement('b'));
    if (pitch % 12 === 0) {
      const name = document.createElement('i');
      name.textContent = keyName(pitch);
      key.append(name);
    }
    this.keys.set(pitch, key);
    return key;
  }

  /** Nearer the edge of the key is louder, as further from the hinge is on a piano. */
  private touch(event: PointerEvent): void {
    const key = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>('[data-pitch]');
    if (!key || !this.root.contains(key)) return;
    event.preventDefault();
    // A touch is captured by the key it began on; freed, it can slide to others.
    if (key.hasPointerCapture(event.pointerId)) key.releasePointerCapture(event.pointerId);
    const { top, height } = key.getBoundingClientRect();
    const velocity = Math.round(clamp(35 + (80 * (event.clientY - top)) / height, 1, 127));
    this.fingers.press(`pointer:${event.pointerId}`, Number(key.dataset['pitch']), velocity);
  }
}
