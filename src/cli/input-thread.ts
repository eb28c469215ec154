import { parentPort, workerData } from 'node:worker_threads';
import type { AntiphonError } from '../core/errors.ts';
import { Bell, Ring } from '../core/ring.ts';
import { Warming } from '../core/warming.ts';
import type { Command, Told } from '../live/command.ts';
import { nativeMidi } from '../midi/native.ts';
import { CableWatch } from '../midi/cables.ts';
import { matchPorts, mayHavePorts, VIRTUAL, type Hear, type InputPort } from '../midi/ports.ts';
import { watchInputs } from '../midi/watch.ts';
import { warmOsc } from '../net/osc.ts';
import { openOsc } from '../net/osc-door.ts';
import { IN, SOURCES } from '../stage/records.ts';
import { clockFrom } from './clock.ts';
import { commandRecord } from './command-record.ts';
import { post, runThread, threadId } from './thread.ts';
import type { InputData, ToThread } from './wiring.ts';

/** Status bytes from here on are no channel's. */
const SYSTEM = 0xf0;
/** Some twenty milliseconds of notes read and written before the first. */
const WARM_ROUNDS = 2000;
/** After so many messages this thread sleeps for so many milliseconds: one of real-time priority that a flood keeps from ever sleeping may be ended by the kernel. */
const BREATH = { after: 256, rest: 0.05 } as const;
/** Our own virtual input stands in the last place of the ports. */
const VIRTUAL_SOURCE = 15;

/** Inputs: a native MIDI callback is delivered on the loop of the thread that opened the port, so this thread only listens. */
runThread(async () => {
  const { memory, clock, midi, inputs, oscIn, oscOut } = workerData as InputData;
  const now = clockFrom(clock);
  const ring = new Ring(memory.input);
  const bell = new Bell(memory.stageBell);
  if (oscIn) warmOsc(WARM_ROUNDS);

  let patterns: readonly string[] = inputs;
  const hear = (source: number, name: string): Hear => {
    let chosenBy: readonly string[] | null = null;
    let row = 0;
    return (status, a, b) => {
      if (status >= SYSTEM) {
        ring.push(IN.clock, status, now());
        bell.ring();
        return;
      }
      if (chosenBy !== patterns) {
        chosenBy = patterns;
        row = Math.max(0, patterns.findIndex((pattern) => matchPorts(pattern, [name]).length > 0));
      }
      ring.push(IN.midi, status, a, b, now(), source, row);
      bell.ring();
    };
  };
  const names: string[] = [];
  names[VIRTUAL_SOURCE] = VIRTUAL.input;
  const system = midi ? nativeMidi() : null;
  const sources = new Map<InputPort, number>();
  /** Keys that are down there will not be heard to come up. */
  const lose = (port: InputPort): void => {
    ring.push(IN.inputLost, sources.get(port) ?? VIRTUAL_SOURCE);
    bell.ring();
  };
  const cables = new CableWatch<InputPort>({ left: lose, joined: () => {} });
  const watch = system && mayHavePorts(system)
    ? watchInputs(system, inputs, (name, slot) => hear(slot, name), {
        attached: (port, slot) => {
          names[slot] = port.name;
          sources.set(port, slot);
          cables.add(port);
          portsMessage();
        },
        detached: (port) => {
          lose(port);
          sources.delete(port);
          cables.remove(port);
          portsMessage();
        },
      })
    : null;
  const portsMessage = (): void => post({ kind: 'ports', open: watch?.open ?? [], names });
  if (system?.supportsVirtual) cables.add(system.openVirtualInput(VIRTUAL.input, hear(VIRTUAL_SOURCE, VIRTUAL.input)));
  portsMessage();
  const poll = (): void => {
    watch?.poll(now());
    cables.poll(now());
  };
  poll();
  const polling = setInterval(poll, 250);

  const warming = new Warming(now, () => warmOsc(1));
  // The first may come at any moment.
  warming.heard();
  const never = new Int32Array(new SharedArrayBuffer(4));
  let heard = 0;
  const breathe = (): void => {
    if (++heard % BREATH.after === 0) Atomics.wait(never, 0, 0, BREATH.rest);
  };
  const onCommand = (command: Command): void => {
    warming.heard();
    if (command.kind === 'patch' || command.kind === 'state') post(command);
    else {
      commandRecord((...record) => ring.push(...record), command, SOURCES.osc, now());
      bell.ring();
    }
    breathe();
  };
  const onError = ({ code, message }: AntiphonError): void => {
    post({ kind: 'warning', code, message });
    breathe();
  };
  const door = oscIn ? await openOsc({ host: oscIn.host, port: oscIn.port, ...(oscOut ? { out: oscOut } : {}), onCommand, onError }) : null;

  parentPort?.on('message', (message: ToThread) => {
    if (message.kind === 'ports') {
      patterns = message.patterns;
      watch?.want(patterns);
    }
    if (message.kind === 'told') door?.tell(message.told as Told);
    if (message.kind === 'close') {
      clearInterval(polling);
      watch?.close();
      system?.close();
      void door?.close().then(() => process.exit(0));
      if (!door) process.exit(0);
    }
  });
  post({ kind: 'ready', thread: threadId(), detail: { oscPort: door?.port ?? null } });
});

