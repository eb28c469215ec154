import { describe, expect, it } from 'vitest';
import { channel, ms, pitch } from '../../src/core/units.ts';
import type { Told } from '../../src/live/command.ts';
import { Hub } from '../../src/net/hub.ts';
import { stateWith } from './state.ts';

const line = () => {
  const sent: string[] = [];
  return { sent, bufferedAmount: 0, terminated: false, send(text: string) { sent.push(text); }, terminate() { this.terminated = true; } };
};
const note = (velocity: number, role: 'player' | 'respond' = 'respond'): Told => ({ kind: 'note', pitch: pitch(60), velocity, channel: channel(1), role, id: 1, wanted: ms(0), sent: ms(0) });
const types = (sent: readonly string[]): string[] => sent.map((text) => (JSON.parse(text) as { type: string }).type);

const hubAt = () => {
  const clock = { now: 0 };
  const counts: number[] = [];
  return { clock, counts, hub: new Hub({ changed: (clients) => counts.push(clients), now: () => clock.now, refresh: () => ({ type: 'state', state: stateWith() }), limit: 1000, patience: 5000 }) };
};

describe('a hub', () => {
  it('tells everyone the same, and says how many there are', () => {
    const { hub, counts } = hubAt();
    const [one, two] = [line(), line()];
    hub.add(one);
    hub.add(two);
    expect(counts).toEqual([1, 2]);
    hub.tell(note(80));
    expect(one.sent).toEqual(['{"type":"note","pitch":60,"velocity":80,"channel":1,"role":"respond","id":1,"wanted":0,"sent":0}']);
    expect(two.sent).toEqual(one.sent);
  });

  it('lets a stalled client lose what it can spare, but no end of a note', () => {
    const { hub } = hubAt();
    const slow = line();
    const client = hub.add(slow);
    slow.bufferedAmount = 1001;
    for (const told of [note(80), note(0), note(0, 'player'), { kind: 'withdraw', id: 1 } as const, { kind: 'ready' } as const]) hub.tell(told);
    expect(types(slow.sent)).toEqual(['note', 'heard', 'withdraw']);
    expect(client.lost).toBe(2);
    expect(hub.counters).toMatchObject({ lost: 2, told: 3 });
  });

  it('tells one that keeps up again how things stand', () => {
    const { hub } = hubAt();
    const slow = line();
    hub.add(slow);
    slow.bufferedAmount = 1001;
    hub.tell(note(80));
    slow.bufferedAmount = 0;
    hub.tell(note(0));
    expect(types(slow.sent)).toEqual(['state', 'note']);
  });

  it('closes one that never keeps up, and goes on telling the others', () => {
    const { hub, clock, counts } = hubAt();
    const [slow, quick] = [line(), line()];
    hub.add(slow);
    hub.add(quick);
    slow.bufferedAmount = 1001;
    hub.tell(note(80));
    clock.now = 5001;
    hub.tell(note(80));
    expect(slow.terminated).toBe(true);
    expect(quick.sent).toHaveLength(2);
    expect(hub.counters).toMatchObject({ clients: 1, closedStalled: 1 });
    expect(counts).toEqual([1, 2, 1]);
  });
});
