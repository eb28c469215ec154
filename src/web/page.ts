import { channel, pitch as pitchOf } from '../core/units.ts';
import type { Role } from '../live/command.ts';
import { PARAM_NAMES } from '../live/params.ts';
import type { ClientMessage, ServerMessage } from '../net/protocol.ts';
import { Echo } from './echo.ts';
import { ComputerKeyboard, Fingers, PLACES } from './keyboard.ts';
import { Knobs } from './knobs.ts';
import { Link } from './link.ts';
import { connectMidi } from './midi.ts';
import { Panel } from './panel.ts';
import { Piano } from './piano.ts';
import { Roll } from './roll.ts';
import { Synth } from './synth.ts';

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;
const now = (): number => performance.now();

const CHANNEL = channel(1);
let synth: Synth | undefined;
const roll = new Roll(find<HTMLCanvasElement>('roll'));
const echo = new Echo();
/** What sounds that was not played here, by the name it has in synth and roll. */
const others = new Map<string, { readonly pitch: number; readonly role: Role }>();

/** Browsers let a page sound only after a gesture. */
const wake = (): void => {
  synth ??= new Synth(new AudioContext({ latencyHint: 'interactive' }));
  if (synth.context.state === 'suspended') void (synth.context as AudioContext).resume();
  document.body.classList.add('awake');
};

const strikeHere = (pitch: number, velocity: number): void => {
  wake();
  synth?.strike(`mine:${pitch}`, pitch, velocity, 'player');
  if (link.send({ type: 'note', pitch: pitchOf(pitch), velocity, channel: CHANNEL })) echo.sent(pitch, true, now());
  roll.start(`mine:${pitch}`, pitch, velocity, 'player', now());
  piano.light(pitch, 'player');
  document.body.classList.add('played');
};
const liftHere = (pitch: number): void => {
  synth?.release(`mine:${pitch}`);
  if (link.send({ type: 'note', pitch: pitchOf(pitch), velocity: 0, channel: CHANNEL })) echo.sent(pitch, false, now());
  roll.end(`mine:${pitch}`, now());
  piano.putOut(pitch, 'player');
};

const endOther = (key: string): void => {
  const note = others.get(key);
  if (!note) return;
  others.delete(key);
  synth?.release(key);
  roll.end(key, now());
  piano.putOut(note.pitch, note.role);
};
const endOthers = (): void => {
  for (const key of others.keys()) endOther(key);
};

const sound = (message: Extract<ServerMessage, { type: 'note' | 'heard' }>): void => {
  const { pitch, velocity, role, id, wanted } = message;
  const on = velocity > 0;
  if (message.type === 'heard' && echo.isOurs(pitch, on, now())) return;
  const key = `${message.type}:${id}`;
  endOther(key);
  if (!on) return;
  others.set(key, { pitch, role });
  if (role === 'drum') synth?.hit(pitch, velocity);
  else synth?.strike(key, pitch, velocity, role === 'player' ? 'player' : 'antiphon');
  // Drawn where it was meant, heard as soon as it came; a clock not yet known must not throw it off the roll.
  const meant = link.clock.known ? link.clock.toOurs(wanted) : now();
  roll.start(key, pitch, velocity, role, Math.min(now(), Math.max(now() - 500, meant)));
  // A drum's number is no key of the piano.
  if (role !== 'drum') piano.light(pitch, role);
};

const received: ServerMessage[] = [];

const hear = (message: ServerMessage): void => {
  if (message.type !== 'state') received.push(message);
  if (received.length > 500) received.shift();
  switch (message.type) {
    case 'hello':
    case 'state':
      panel.show(message.state);
      for (const name of PARAM_NAMES) knobs.show(name, message.state.params[name]);
      return;
    case 'note':
    case 'heard':
      return sound(message);
    case 'withdraw':
      return endOther(`note:${message.id}`);
    case 'param':
      return knobs.show(message.name, message.value);
    case 'patch':
      panel.showPatch(message.name);
      ask();
      return;
    case 'error':
      return panel.say(message.message);
    case 'ready':
      return ask();
    case 'pong':
      return;
  }
};

let connected = false;
const link = new Link({
  url: `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`,
  now,
  onMessage: hear,
  onChange: (to) => {
    connected = to;
    // What sounded when the line broke would never be ended.
    endOthers();
    panel.say('');
    panel.showLink(connected, NaN);
  },
});
const send = (message: ClientMessage): void => void link.send(message);
const ask = (): void => send({ type: 'state' });

const fingers = new Fingers({ strike: strikeHere, lift: liftHere });
const piano = new Piano(find('piano'), fingers);
const keyboard = new ComputerKeyboard(fingers, () => hint());
const hint = (): void => {
  piano.hint(keyboard.base, PLACES.map(([, label]) => label));
  find('touch').textContent = String(keyboard.velocity);
};
hint();

const panel = new Panel(send, () => {
  fingers.releaseAll();
  endOthers();
  synth?.silence();
});
const knobs = new Knobs(find('knobs'), (name, value) => send({ type: 'param', name, value }));

addEventListener('keydown', (event) => {
  if (event.target instanceof HTMLSelectElement) return;
  if (keyboard.down(event)) event.preventDefault();
});
addEventListener('keyup', ({ code }) => keyboard.up(code));
// A touch counts as a gesture only when it ends.
for (const type of ['pointerdown', 'pointerup'] as const) addEventListener(type, wake);
// A button clicked must not be pressed again by the space bar in the middle of a piece.
addEventListener('click', ({ target, detail }) => {
  if (detail > 0 && target instanceof HTMLButtonElement) target.blur();
});
// A key let go in another window is never told here.
addEventListener('blur', () => {
  fingers.releaseAll('key:');
  fingers.releaseAll('pointer:');
});
document.addEventListener('visibilitychange', () => {
  if (document.hidden) fingers.releaseAll('key:');
});

let muted = false;
find('mute').addEventListener('click', () => {
  muted = !muted;
  wake();
  if (synth) synth.level = muted ? 0 : 1;
  find('mute').textContent = muted ? 'Sound is off' : 'Sound is on';
  find('mute').ariaPressed = String(muted);
});
const noMidi = (): void => panel.say('This browser gives no MIDI. Plug the keyboard in where Antiphon runs, or play here.');
find('midi').addEventListener('click', () => {
  if (!('requestMIDIAccess' in navigator)) return noMidi();
  connectMidi(fingers, send, (names) => {
    find('midi').textContent = names.length > 0 ? names.join(', ') : 'Plug in a MIDI keyboard';
  }).catch(noMidi);
});

setInterval(() => {
  panel.showLink(connected, link.clock.trip);
  if (!document.hidden) ask();
}, 1000);

const frame = (): void => {
  roll.draw(now());
  panel.showTurn(roll.sounds('player'), roll.sounds('respond', 'continue', 'harmonise', 'accompany', 'bass', 'drum'));
  requestAnimationFrame(frame);
};
frame();

/** What tests and the curious look at from the console. */
Object.assign(window, {
  antiphon: {
    Synth,
    roll,
    received,
    get synth() {
      return synth;
    },
  },
});
