import { clamp } from '../core/units.ts';
import { type Param, PARAM_NAMES, PARAMS, type ParamName, paramFromController } from '../live/params.ts';
import { className, keyName } from './keys.ts';

/** How far a knob is turned, 0 to 1: the inverse of `valueAt`. */
export const turnOf = (name: ParamName, value: number): number => {
  const { min, max, curve } = PARAMS[name];
  return clamp(curve === 'exponential' ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min), 0, 1);
};

/** What a knob turned to `turn` (0 to 1) means, by the same curve as a MIDI controller. */
export const valueAt = (name: ParamName, turn: number): number => paramFromController(name, turn * 127);

/** A value as a musician reads it. */
export const readable = (name: ParamName, value: number): string => {
  const { unit, curve }: Param = PARAMS[name];
  if (name === 'root') return className(value);
  if (unit === 'key') return keyName(value);
  if (name === 'above') return value > 0 ? 'over' : 'under';
  if (value === 0 && (name === 'tempo' || name === 'topK' || name === 'bars')) return name === 'topK' ? 'all' : 'auto';
  const number = curve === 'whole' || unit === 'ms' ? String(Math.round(value)) : value.toFixed(2);
  return unit === 'ms' || unit === 'bpm' ? `${number} ${unit}` : number;
};

/** Pixels of dragging from one end to the other. */
const TRAVEL = 160;

class Knob {
  readonly element: HTMLElement;
  private readonly name: ParamName;
  private readonly set: (name: ParamName, value: number) => void;
  private readonly shown: HTMLElement;
  private value: number;
  private drag: { readonly y: number; readonly turn: number } | undefined;

  constructor(name: ParamName, set: (name: ParamName, value: number) => void) {
    this.name = name;
    this.set = set;
    this.value = PARAMS[name].initial;
    this.element = document.createElement('div');
    this.element.className = 'knob';
    this.element.tabIndex = 0;
    this.element.role = 'slider';
    this.element.ariaLabel = name;
    this.element.ariaValueMin = String(PARAMS[name].min);
    this.element.ariaValueMax = String(PARAMS[name].max);
    this.element.title = `${PARAMS[name].help} Drag up or down; double-click for ${readable(name, PARAMS[name].initial)}.`;
    const dial = document.createElement('div');
    dial.className = 'dial';
    this.shown = document.createElement('output');
    const label = document.createElement('label');
    label.textContent = name;
    this.element.append(dial, this.shown, label);
    this.element.addEventListener('pointerdown', (event) => {
      this.element.setPointerCapture(event.pointerId);
      this.drag = { y: event.clientY, turn: turnOf(name, this.value) };
    });
    this.element.addEventListener('pointermove', ({ clientY }) => {
      if (this.drag) this.turn(this.drag.turn + (this.drag.y - clientY) / TRAVEL);
    });
    for (const type of ['pointerup', 'pointercancel'] as const) this.element.addEventListener(type, () => (this.drag = undefined));
    this.element.addEventListener('dblclick', () => this.change(PARAMS[name].initial));
    this.element.addEventListener('keydown', (event) => this.key(event));
    this.element.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.step(event.deltaY < 0 ? 1 : -1);
      },
      { passive: false },
    );
    this.paint();
  }

  /** Shows what the daemon says; a hand on the knob goes first. */
  show(value: number): void {
    if (this.drag) return;
    this.value = value;
    this.paint();
  }

  private key(event: KeyboardEvent): void {
    const steps: Readonly<Record<string, number>> = { ArrowUp: 1, ArrowRight: 1, ArrowDown: -1, ArrowLeft: -1, PageUp: 8, PageDown: -8 };
    const by = steps[event.key];
    if (by === undefined) return;
    event.preventDefault();
    this.step(by);
  }

  private step(by: number): void {
    const { curve, min, max } = PARAMS[this.name];
    if (curve === 'whole') this.change(clamp(this.value + by, min, max));
    else this.turn(turnOf(this.name, this.value) + by / 50);
  }

  private turn(turn: number): void {
    this.change(valueAt(this.name, clamp(turn, 0, 1)));
  }

  private change(value: number): void {
    if (value === this.value) return;
    this.value = value;
    this.paint();
    this.set(this.name, value);
  }

  private paint(): void {
    this.element.style.setProperty('--turn', String(turnOf(this.name, this.value)));
    this.element.ariaValueNow = String(this.value);
    this.shown.textContent = readable(this.name, this.value);
    this.element.ariaValueText = this.shown.textContent;
  }
}

/** A knob for each row of the parameter table. */
export class Knobs {
  private readonly knobs: Record<ParamName, Knob>;

  /** @param set called when a knob is turned here */
  constructor(root: HTMLElement, set: (name: ParamName, value: number) => void) {
    this.knobs = Object.fromEntries(PARAM_NAMES.map((name) => [name, new Knob(name, set)])) as Record<ParamName, Knob>;
    root.append(...PARAM_NAMES.map((name) => this.knobs[name].element));
  }

  show(name: ParamName, value: number): void {
    this.knobs[name].show(value);
  }
}
