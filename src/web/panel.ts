import type { DaemonState } from '../live/command.ts';
import { showLatency } from './latency.ts';
import type { ClientMessage } from '../net/protocol.ts';

const find = <T extends HTMLElement>(id: string): T => document.getElementById(id) as T;

const BUTTONS = ['play', 'stop', 'panic'] as const;

/** Patch, transport, and how the daemon fares. */
export class Panel {
  private readonly patch = find<HTMLSelectElement>('patch');

  constructor(send: (message: ClientMessage) => void, panic: () => void) {
    for (const type of BUTTONS) {
      find(type).addEventListener('click', () => {
        if (type === 'panic') panic();
        send({ type });
      });
    }
    this.patch.addEventListener('change', () => {
      send({ type: 'patch', name: this.patch.value });
      // Otherwise the next key played would choose another patch by its first letter.
      this.patch.blur();
    });
  }

  show(state: DaemonState): void {
    const names = state.patches.includes(state.patch) ? state.patches : [state.patch, ...state.patches];
    if (names.join('\n') !== [...this.patch.options].map(({ value }) => value).join('\n')) {
      this.patch.replaceChildren(...names.map((name) => new Option(name.replaceAll('-', ' '), name)));
    }
    this.patch.value = state.patch;
    document.body.classList.toggle('running', state.running);
    find('engine').textContent = state.engine || 'none';
    find('step').textContent = Number.isFinite(state.stepMs) ? `${state.stepMs.toFixed(2)} ms` : '–';
    find('bpm').textContent = state.bpm === null ? 'free time' : `${state.bpm.toFixed(0)} bpm`;
    find('models').textContent = state.models.join(', ') || 'none';
    find('ports').textContent = [...state.inputs, ...state.outputs].join(', ') || 'none: play here';
    showLatency(find('latencies'), state.latency);
    find('counters').replaceChildren(
      ...Object.entries(state.counters).map(([name, count]) => {
        const item = document.createElement('span');
        const value = document.createElement('b');
        value.textContent = count.toLocaleString('en');
        item.append(`${name} `, value);
        return item;
      }),
    );
  }

  showPatch(name: string): void {
    this.patch.value = name;
  }

  /** @param trip milliseconds, NaN when unknown */
  showLink(connected: boolean, trip: number): void {
    document.body.classList.toggle('connected', connected);
    find('link').textContent = connected ? (Number.isNaN(trip) ? 'connected' : `${trip.toFixed(1)} ms away`) : 'looking for Antiphon…';
  }

  /** Lights the name of who sounds. */
  showTurn(player: boolean, antiphon: boolean): void {
    find('you').classList.toggle('on', player);
    find('partner').classList.toggle('on', antiphon);
  }

  say(text: string): void {
    find('said').textContent = text;
  }
}
