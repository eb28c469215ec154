import { clamp } from '../core/units.ts';

/** Computer keys by place, not letter (so any layout works), each a semitone above the one before. */
export const PLACES = [
  ['KeyA', 'A'], ['KeyW', 'W'], ['KeyS', 'S'], ['KeyE', 'E'], ['KeyD', 'D'], ['KeyF', 'F'], ['KeyT', 'T'], ['KeyG', 'G'], ['KeyY', 'Y'],
  ['KeyH', 'H'], ['KeyU', 'U'], ['KeyJ', 'J'], ['KeyK', 'K'], ['KeyO', 'O'], ['KeyL', 'L'], ['KeyP', 'P'], ['Semicolon', ';'], ['Quote', "'"],
] as const;

const STEP = new Map<string, number>(PLACES.map(([code], step) => [code, step]));

export interface Playing {
  readonly strike: (pitch: number, velocity: number) => void;
  readonly lift: (pitch: number) => void;
}

/** Fingers on keys, whatever they are of: a key struck twice ends with the last finger. */
export class Fingers {
  private readonly held = new Map<string, number>();
  private readonly playing: Playing;

  constructor(playing: Playing) {
    this.playing = playing;
  }

  /** @param finger whose it is: a computer key's code, a pointer's id, a MIDI key */
  press(finger: string, pitch: number, velocity: number): void {
    if (this.held.get(finger) === pitch) return;
    this.release(finger);
    const already = this.holds(pitch);
    this.held.set(finger, pitch);
    if (!already) this.playing.strike(pitch, velocity);
  }

  release(finger: string): void {
    const pitch = this.held.get(finger);
    if (pitch === undefined) return;
    this.held.delete(finger);
    if (!this.holds(pitch)) this.playing.lift(pitch);
  }

  /** Lets go of every key whose finger's name begins with `prefix`. */
  releaseAll(prefix = ''): void {
    for (const finger of this.held.keys()) if (finger.startsWith(prefix)) this.release(finger);
  }

  private holds(pitch: number): boolean {
    for (const other of this.held.values()) if (other === pitch) return true;
    return false;
  }
}

/** What of a KeyboardEvent is read. */
export interface KeyPress {
  readonly code: string;
  readonly repeat: boolean;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
}

/** The computer keyboard as a piano of an octave and a half; Z and X shift it, C and V play softer and louder. */
export class ComputerKeyboard {
  /** The pitch of the A key. */
  base = 60;
  velocity = 84;
  private readonly fingers: Fingers;
  private readonly changed: () => void;

  constructor(fingers: Fingers, changed: () => void = () => {}) {
    this.fingers = fingers;
    this.changed = changed;
  }

  /** True when the key meant something here. */
  down({ code, repeat, ctrlKey, metaKey, altKey }: KeyPress): boolean {
    if (ctrlKey || metaKey || altKey) return false;
    const step = STEP.get(code);
    if (step !== undefined) {
      if (!repeat) this.fingers.press(`key:${code}`, this.base + step, this.velocity);
      return true;
    }
    if (code === 'KeyZ') this.base = clamp(this.base - 12, 24, 84);
    else if (code === 'KeyX') this.base = clamp(this.base + 12, 24, 84);
    else if (code === 'KeyC') this.velocity = clamp(this.velocity - 14, 14, 126);
    else if (code === 'KeyV') this.velocity = clamp(this.velocity + 14, 14, 126);
    else return false;
    this.changed();
    return true;
  }

  /** Lifts what the key struck, even where the octave has shifted since. */
  up(code: string): void {
    this.fingers.release(`key:${code}`);
  }
}
