import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { messageOf } from '../core/errors.ts';
import { Bell, RECORD, Ring, ringMemory } from '../core/ring.ts';
import { ms, type Ms } from '../core/units.ts';
import { WARM_AFTER, warmAgain } from '../core/warming.ts';
import type { Ask, Completion } from '../live/ask.ts';
import { Foresight } from '../live/foresight.ts';
import type { Told } from '../live/command.ts';
import { offsetOf } from '../live/offsets.ts';
import { COUNTERS } from '../live/role.ts';
import { GuardFeed } from '../midi/guard-feed.ts';
import { nativeMidi } from '../midi/native.ts';
import { CableWatch } from '../midi/cables.ts';
import { Outputs, VIRTUAL_SEAT } from '../midi/outputs.ts';
import { mayHavePorts, VIRTUAL, type OutputPort } from '../midi/ports.ts';
import { ServerWatch } from '../midi/server-watch.ts';
import { watchOutputs } from '../midi/watch.ts';
import { warmOsc } from '../net/osc.ts';
import { openOscSender } from '../net/osc-sender.ts';
import { Prompter } from '../stage/prompter.ts';
import { IN, OUT, pushAsk, pushCompletion } from '../stage/records.ts';
import { Stage } from '../stage/stage.ts';
import { pretend, warm } from '../stage/warm.ts';
import { Warmth } from '../stage/warmth.ts';
import { clockFrom } from './clock.ts';
import { showLatencies } from './latency-gauges.ts';
import { openGuardPipe, type PipeEnd } from './guard-pipe.ts';
import { post, runThread, SPIN, threadId, WARM_FOR } from './thread.ts';
import { toldOf } from './told.ts';
import { GAUGES, MAIN, type Gauge, type StageData, type ToThread } from './wiring.ts';

/** What models are only to know of; a harmony is, once it is answered. */
const HEARD: ReadonlySet<Ask['kind']> = new Set(['hear', 'harmony', 'pulse', 'generation']);
/** More completions than are foreseen for the keys of one record. */
const SOON = 64;
/** More than is told of one record, but for a stop's withdrawals: those are sent as they come. */
const UNSAID = 256;
/** The event loop turns this long after OSC was sent, in milliseconds: what could not be is said then. */
const SETTLE_AFTER = 100;
/** Some twenty milliseconds of notes read and written before the first. */
const WARM_ROUNDS = 2000;
const LONGEST_SLEEP = 250;
const GAUGE_EVERY = 200;
/** Ports and cables are looked at where no note is due for so long, or where they were not for the longest, in milliseconds. */
const LOOK = 5;
const LONGEST_BLIND = 500;
/** From the last note-off to the closing of the ports: some periods of a sound system with long ones. */
const LINGER = 50;
/**
 * Models are told of what sounded, and main of what came in, this long after, unless they are asked or told something first. Each ring wakes
 * a thread: on two processors those would stand in the way of the one that is waited for.
 */
const LATER = 3;

/** The stage: sleeps to the next deadline or the next record, and never does anything slow. */
runThread(async () => {
  const { memory, clock, patches, cast, midi, outputs, oscOut } = workerData as StageData;
  const now = clockFrom(clock);
  const bell = new Bell(memory.stageBell);
  const modelBell = new Bell(memory.modelBell);
  const mainBell = new Bell(memory.mainBell);
  const rings = [new Ring(memory.input), new Ring(memory.main), new Ring(memory.completions)];
  const asks = new Ring(memory.asks);
  const told = new Ring(memory.told);
  const ofMain = new Int32Array(memory.ofMain);
  const gauges = new Float64Array(memory.gauges);
  const latencies = new Float64Array(memory.latencies);

  const warmed = now() + WARM_FOR;
  await warm(patches, cast, pretend, () => now() < warmed);
  const warmth = new Warmth(patches, cast);
  const osc = oscOut ? await openOscSender(oscOut, ({ code, message }) => post({ kind: 'warning', code, message })) : null;
  if (osc) warmOsc(WARM_ROUNDS);

  const system = midi ? nativeMidi() : null;
  const ports = new Outputs();
  const cables = new CableWatch<OutputPort>(ports);
  if (system?.supportsVirtual) {
    const own = system.openVirtualOutput(VIRTUAL.output);
    ports.attach(own, VIRTUAL_SEAT);
    cables.add(own);
  }
  let pipe: PipeEnd | null = null;
  const guard = new GuardFeed((bytes) => pipe?.write(bytes) ?? 'gone');
  let asked = false;
  let listenAt = Infinity;
  let tellAt = Infinity;
  let toldAll = false;
  const prompter = new Prompter(new Foresight(memory.foresight));
  /** Completions that were foreseen: taken as soon as their ask is done with. */
  const soon = new Ring(ringMemory(SOON));
  /** What OSC clients are to be told, once all MIDI of the same moment is sent; others are by main. */
  const unsaid = new Ring(ringMemory(UNSAID));
  const saying = new Float64Array(RECORD);
  const withdrawn: Told[] = [];
  let saidAt = Infinity;
  const say = (at: number): void => {
    if (toldAll && Atomics.load(ofMain, MAIN.listeners) > 0) mainBell.ring();
    toldAll = false;
    while (unsaid.pop(saying)) {
      const message = toldOf(saying);
      // The last end of an answer that is taken back does not wait for word of the first.
      if (message?.kind === 'withdraw') withdrawn.push(message);
      else if (message) osc?.tell(message);
      saidAt = Math.min(saidAt, at);
    }
    for (const message of withdrawn) osc?.tell(message);
    withdrawn.length = 0;
  };
  const push = (ask: Ask): void => void pushAsk((...record) => asks.push(...record), ask);
  const complete = (completion: Completion): void => void pushCompletion((...record) => soon.push(...record), completion);
  /** Tells the models, and asks them where the answer is not foreseen; true where it is. */
  const harmonise = (ask: Extract<Ask, { kind: 'harmony' }>): boolean => {
    const answer = prompter.answer(ask);
    push(answer ? { ...ask, foreseen: answer.sight } : ask);
    if (!answer) return false;
    const { plan } = ask;
    const { notes } = answer;
    notes.forEach((pitch, index) => complete({ kind: 'harmony', plan, index, pitch, last: index === notes.length - 1 }));
    if (notes.length === 0) complete({ kind: 'end', plan, until: ms(0) });
    return true;
  };
  const stage: Stage = new Stage(
    patches,
    {
      send: (status, a, b, offset) => {
        guard.sends(status, a, b);
        ports.send(status, a, b, offset);
      },
      tune: (patch) => ports.tune((name) => offsetOf(patch, name)),
      ask: (ask) => {
        prompter.hear(ask);
        const waits = ask.kind === 'harmony' ? !harmonise(ask) : (push(ask), false);
        // Harmony is waited for, where it was not foreseen. What is only heard can wait: on a small machine the models would take the
        // processor from those who are to be told of the note that sounded.
        if (waits) modelBell.ring();
        else if (HEARD.has(ask.kind)) listenAt = Math.min(listenAt, now() + LATER);
        else asked = true;
      },
      tell: (...record) => {
        const [code, id, role, pitch, , channel] = record;
        if (code === OUT.sounded) guard.begins(id as number, role as number, pitch as number, channel as number);
        else if (code === OUT.ended) guard.ends(id as number);
        if (osc && !unsaid.push(...record)) {
          say(now());
          unsaid.push(...record);
        }
        toldAll = true;
        return told.push(...record);
      },
    },
    now(),
    cast,
  );
  const portsMessage = (): void => {
    post({ kind: 'ports', open: system?.lost ? [] : ports.names });
    post({ kind: 'sources', addresses: ports.addresses() });
  };
  const server = new ServerWatch(system, (code, message) => {
    portsMessage();
    post({ kind: 'warning', code, message });
  });
  const watch = system && mayHavePorts(system)
    ? watchOutputs(system, outputs, {
        attached: (port, slot) => {
          ports.attach(port, slot);
          cables.add(port);
          take(Float64Array.of(IN.outputBack, 0, 0, 0, 0, 0, 0, 0), now());
          portsMessage();
        },
        detached: (port) => {
          ports.detach(port);
          cables.remove(port);
          if (ports.size === 0) take(Float64Array.of(IN.outputLost, 0, 0, 0, 0, 0, 0, 0), now());
          portsMessage();
        },
      })
    : null;

  const record = new Float64Array(RECORD);
  const take = (r: Float64Array, at: Ms): void => {
    told.push(r[0] as number, r[1], r[2], r[3], r[4], r[5], r[6], at);
    tellAt = Math.min(tellAt, at + LATER);
    // Read first: what is taken in turn is popped into the same record.
    const [code, patch] = r as unknown as [number, number];
    stage.take(r, at);
    while (soon.pop(record)) take(record, at);
    if (code === IN.midi) playedAt = at;
    if (code === IN.patch) warmth.choose(patch);
    const news = prompter.news();
    if (news) push(news);
  };
  const ring = (at: number): void => {
    say(at);
    if (at >= tellAt) {
      mainBell.ring();
      tellAt = Infinity;
    }
    if (asked || at >= listenAt) {
      modelBell.ring();
      listenAt = Infinity;
    }
    asked = false;
  };
  const openPipe = (path: string): void => {
    pipe?.close();
    pipe = null;
    try {
      pipe = openGuardPipe(path);
      post({ kind: 'guarded', failure: null });
    } catch (thrown) {
      post({ kind: 'guarded', failure: messageOf(thrown) });
    }
    guard.attach(pipe !== null, now());
  };
  let looked = -Infinity;
  let closing = false;
  const hearMain = (): void => {
    for (let received = receiveMessageOnPort(parentPort as never); received; received = receiveMessageOnPort(parentPort as never)) {
      const message = received.message as ToThread;
      if (message.kind === 'ports') watch?.want(message.patterns);
      if (message.kind === 'guard') openPipe(message.pipe);
      if (message.kind === 'close') closing = true;
    }
  };

  // The first key may come at any moment.
  let playedAt = now();
  let warmAt = -Infinity;
  let gauged = -Infinity;
  const gauge = (at: number): void => {
    gauged = at;
    const set = (name: Gauge, value: number): void => void (gauges[GAUGES.indexOf(name)] = value);
    for (const name of COUNTERS) set(name, stage.counters[name]);
    showLatencies(latencies, stage.latencies);
    set('bpm', stage.session.bpm ?? 0);
    set('sounding', stage.lines.sounding());
    set('ringDrops', rings.reduce((sum, each) => sum + each.dropped, 0) + asks.dropped + told.dropped);
    set('outputs', server.lost ? 0 : ports.size);
    set('midiLosses', server.losses);
    set('outputsReattached', (watch?.reattached ?? 0) + cables.joins);
    set('guardFull', guard.full);
  };

  post({ kind: 'ready', thread: threadId(), detail: { midi: system ? system.available : false, why: !system ? '' : system.lost ? `${system.why}; looked for again every second` : system.why } });
  portsMessage();
  ring(Infinity);
  // The first record of every log: a clock counts from when its patch began, and a replay has to know when that was.
  take(Float64Array.of(IN.patch, 0, 0, 0, 0, 0, 0, 0), now());
  while (!closing) {
    const heard = bell.heard;
    for (const each of rings) {
      while (each.pop(record)) {
        take(record, now());
        say(now());
      }
    }
    hearMain();
    const at = now();
    if (stage.next() <= at) take(Float64Array.of(IN.wake, 0, 0, 0, 0, 0, 0, 0), at);
    ring(at);
    // What the sound system is asked takes as long as it takes: not with a note about to be due.
    const rests = stage.next() - at > LOOK;
    const free = rests || at > looked + LONGEST_BLIND;
    if (free) {
      if (watch && watch.next <= at) {
        cables.look(at);
        watch.poll(at);
        ports.confirm();
      } else cables.poll(at);
      server.look();
      looked = at;
    }
    if (osc && (osc.held || (rests && at > saidAt + SETTLE_AFTER))) {
      await osc.settle();
      saidAt = Infinity;
    }
    const isPlayed = rests && at < playedAt + WARM_AFTER;
    if (isPlayed && at >= warmAt) {
      warmth.play();
      guard.warm();
      osc?.warm();
      warmAt = warmAgain(at, now(), Atomics.load(ofMain, MAIN.busy) > 0);
    }
    guard.beat(at);
    if (at - gauged > GAUGE_EVERY) gauge(at);
    const next = Math.min(stage.next(), listenAt, tellAt, free ? Math.min(watch?.next ?? Infinity, cables.next) : Infinity, at + LONGEST_SLEEP);
    const warmNext = isPlayed ? warmAt : Infinity;
    const left = Math.min(next - SPIN, warmNext) - now();
    if (left > 0) bell.wait(heard, left);
    else if (warmNext > next) while (now() < next && bell.heard === heard);
  }
  take(Float64Array.of(IN.panic, 0, 0, 0, 0, 0, 0, 0), ms(now()));
  gauge(now());
  ring(Infinity);
  // JACK delivers in its next period what was sent last, unless the port is gone by then.
  if (ports.size > 0) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LINGER);
  guard.bye();
  watch?.close();
  system?.close();
  await osc?.settle();
  await osc?.close();
  post({ kind: 'ports', open: [] });
});
