import type { Daemon } from './daemon.ts';
import type { Guarding } from './guarding.ts';
import type { LiveOptions } from './live.ts';

/** What the player sees at the start: one screen. */
export const screen = (daemon: Daemon, page: string, { oscOut }: LiveOptions): string => {
  const state = daemon.state();
  const midi = daemon.midi.available
    ? `in: ${state.inputs.join(', ') || 'none plugged in'}; out: ${state.outputs.join(', ') || 'none plugged in'}`
    : `no MIDI system here: play on the page${daemon.midi.why ? ` (${daemon.midi.why})` : ''}`;
  const rows: [string, string][] = [
    ['Patch', `${state.patch}   (others: ${state.patches.filter((name) => name !== state.patch).join(', ')})`],
    ['Engine', `${state.engine}; ${daemon.realtime.stage ? 'real-time priority granted' : 'no real-time priority'}`],
    ['Models', state.models.join(', ')],
    ['MIDI', midi],
    ['Page', page],
    ['WebSocket', `${page.replace('http', 'ws').replace(/\/$/, '')}/ws`],
    ['Guard', guardText(daemon.guarding)],
    ['OSC', `in 127.0.0.1:${daemon.oscPort ?? 'off'}, out ${oscOut.host}:${oscOut.port}`],
  ];
  const body = rows.map(([name, value]) => `  ${name.padEnd(10)} ${value}`).join('\n');
  return `\n  Antiphon is listening.\n\n${body}\n\n  Open the page and play, then pause: Antiphon answers. Ctrl-C stops.\n`;
};

const guardText = (guarding: Guarding | null): string => {
  if (!guarding) return 'none, as asked';
  return guarding.runs ? `ends every note if this process dies or hangs; connected to ${guarding.destinations.join(', ') || 'nothing yet'}` : 'none: see the warning';
};
