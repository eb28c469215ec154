import type { Role } from '../live/command.ts';
import { isBlack, keyBox, keyName, LOWEST, HIGHEST } from './keys.ts';

interface Drawn {
  readonly pitch: number;
  readonly velocity: number;
  readonly role: Role;
  readonly start: number;
  /** Infinity while it sounds. */
  end: number;
}

/** Colours of who plays: red, green, blue. The page's style sheet names the same. */
const COLOURS: Record<Role, string> = { player: '255, 180, 84', respond: '92, 214, 240', continue: '167, 139, 250', harmonise: '110, 231, 183', accompany: '244, 143, 177', bass: '255, 138, 101', drum: '176, 190, 197' };

const unpainted = (): Record<Role, number> => ({ player: 0, respond: 0, continue: 0, harmonise: 0, accompany: 0, bass: 0, drum: 0 });

/** Milliseconds from the keys to the top. */
const SPAN = 6500;

/** The piano roll: notes rise from the keys that sounded them. Times are milliseconds of the page's clock. */
export class Roll {
  /** Notes painted in the last frame, by who played them. */
  painted = unpainted();
  private readonly canvas: HTMLCanvasElement;
  private readonly sounding = new Map<string, Drawn>();
  private notes: Drawn[] = [];

  constructor(canvas: HTMLCanvasElement) {
    this.canvas = canvas;
    new ResizeObserver(() => {
      canvas.width = Math.round(canvas.clientWidth * devicePixelRatio);
      canvas.height = Math.round(canvas.clientHeight * devicePixelRatio);
    }).observe(canvas);
  }

  /** @param key the note's name until it ends */
  start(key: string, pitch: number, velocity: number, role: Role, time: number): void {
    this.end(key, time);
    const note: Drawn = { pitch, velocity, role, start: time, end: Infinity };
    this.sounding.set(key, note);
    this.notes.push(note);
  }

  end(key: string, time: number): void {
    const note = this.sounding.get(key);
    if (!note) return;
    note.end = Math.max(time, note.start + 30);
    this.sounding.delete(key);
  }

  /** Whether anyone of `roles` sounds. */
  sounds(...roles: readonly Role[]): boolean {
    for (const note of this.sounding.values()) if (roles.includes(note.role)) return true;
    return false;
  }

  draw(now: number): void {
    const context = this.canvas.getContext('2d');
    if (!context) return;
    const scale = devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    const [width, height] = [this.canvas.clientWidth, this.canvas.clientHeight];
    context.clearRect(0, 0, width, height);
    this.grid(context, width, height, now);
    this.notes = this.notes.filter((note) => note.end > now - SPAN);
    this.painted = unpainted();
    for (const note of this.sounding.values()) this.beam(context, note, width, height);
    for (const note of this.notes) this.note(context, note, width, height, now);
  }

  private grid(context: CanvasRenderingContext2D, width: number, height: number, now: number): void {
    for (let pitch = LOWEST; pitch <= HIGHEST; pitch++) {
      const { left, width: share } = keyBox(pitch);
      if (isBlack(pitch)) {
        context.fillStyle = 'rgba(255, 255, 255, 0.012)';
        context.fillRect(left * width, 0, share * width, height);
      } else if (pitch % 12 === 0 || pitch % 12 === 5) {
        context.fillStyle = pitch % 12 === 0 ? 'rgba(255, 255, 255, 0.075)' : 'rgba(255, 255, 255, 0.03)';
        context.fillRect(Math.round(left * width), 0, 1, height);
      }
    }
    context.font = '11px ui-sans-serif, system-ui, sans-serif';
    context.fillStyle = 'rgba(255, 255, 255, 0.28)';
    for (let pitch = 24; pitch <= HIGHEST; pitch += 12) context.fillText(keyName(pitch), keyBox(pitch).left * width + 5, height - 8);
    for (let second = Math.floor(now / 1000); second > (now - SPAN) / 1000; second--) {
      context.fillStyle = 'rgba(255, 255, 255, 0.028)';
      context.fillRect(0, Math.round(height - ((now - second * 1000) / SPAN) * height), width, 1);
    }
  }

  /** Light over a sounding key, as from a lamp in the floor. */
  private beam(context: CanvasRenderingContext2D, note: Drawn, width: number, height: number): void {
    const { left, width: share } = keyBox(note.pitch);
    const middle = (left + share / 2) * width;
    const light = context.createLinearGradient(0, height, 0, 0);
    const strength = 0.1 + 0.16 * (note.velocity / 127);
    light.addColorStop(0, `rgba(${COLOURS[note.role]}, ${strength})`);
    light.addColorStop(0.75, `rgba(${COLOURS[note.role]}, 0)`);
    context.fillStyle = light;
    context.beginPath();
    context.moveTo(middle - 8, height);
    context.lineTo(middle - 46, 0);
    context.lineTo(middle + 46, 0);
    context.lineTo(middle + 8, height);
    context.fill();
  }

  private note(context: CanvasRenderingContext2D, note: Drawn, width: number, height: number, now: number): void {
    if (note.start > now) return;
    this.painted[note.role]++;
    const { left, width: share } = keyBox(note.pitch);
    const x = left * width + 1;
    const w = Math.max(6, share * width - 2);
    const bottom = height - (Math.max(0, now - note.end) / SPAN) * height;
    const top = Math.min(bottom - 4, height - ((now - note.start) / SPAN) * height);
    const alive = note.end > now;
    const age = Math.max(0, Math.min(1, (height - bottom) / height));
    const strength = (0.5 + 0.5 * (note.velocity / 127)) * (1 - 0.7 * age ** 1.5);
    const colour = COLOURS[note.role];
    context.fillStyle = `rgba(${colour}, ${(alive ? 0.2 : 0.1) * strength})`;
    context.beginPath();
    context.roundRect(x - 5, top - 5, w + 10, bottom - top + 10, 9);
    context.fill();
    context.fillStyle = `rgba(${colour}, ${strength})`;
    context.beginPath();
    context.roundRect(x, top, w, bottom - top, Math.min(5, w / 2));
    context.fill();
    context.fillStyle = `rgba(255, 255, 255, ${0.35 * strength})`;
    context.beginPath();
    context.roundRect(x + 1.5, top + 1.5, 2, Math.max(2, bottom - top - 3), 1);
    context.fill();
  }
}
