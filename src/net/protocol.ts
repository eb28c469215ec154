import { AntiphonError } from '../core/errors.ts';
import { channel, ms, pitch } from '../core/units.ts';
import { ROLES, type Command, type DaemonState, type Told } from '../live/command.ts';
import { LATENCIES, LATENCY_EDGES, LATENCY_NAMES } from '../live/latency.ts';
import { checkParam, PARAM_NAMES, PARAMS } from '../live/params.ts';

/** Version of the JSON protocol; a client that reads another number in `hello` should say so and stop. */
export const PROTOCOL = 1;
/** Largest message a client may send, in bytes. */
export const LARGEST = 65_536;

/** One field of a message: the JSON Schema that is published, and what the check below walks. */
type Field =
  | { readonly type: 'integer' | 'number'; readonly minimum?: number; readonly maximum?: number; readonly default?: number; readonly description: string }
  | { readonly type: 'string'; readonly minLength?: number; readonly maxLength?: number; readonly description: string }
  | { readonly enum: readonly string[]; readonly description: string }
  | { readonly const: number; readonly description: string }
  | { readonly $ref: string; readonly description: string };

interface Row {
  readonly help: string;
  readonly fields: Readonly<Record<string, Field>>;
}

const whole = (minimum: number, maximum: number, description: string): Field => ({ type: 'integer', minimum, maximum, description });
const real = (description: string): Field => ({ type: 'number', description });
const text = (description: string): Field => ({ type: 'string', description });
const PITCH = whole(0, 127, 'MIDI key number; 60 is middle C.');
const CHANNEL: Field = { type: 'integer', minimum: 1, maximum: 16, default: 1, description: 'MIDI channel, as musicians count it.' };
const PARAM: Field = { enum: PARAM_NAMES, description: 'Name of a parameter.' };
const PATCH: Field = { type: 'string', minLength: 1, maxLength: 100, description: 'Name of a patch, without a path.' };
const STATE: Field = { $ref: '#/$defs/state', description: 'Everything a client needs to draw the daemon.' };
const SOUNDED = {
  pitch: PITCH,
  velocity: whole(0, 127, '0 ends the note with the same id.'),
  channel: whole(1, 16, 'MIDI channel, as musicians count it.'),
  role: { enum: ROLES, description: 'Who plays.' } as Field,
  id: { type: 'integer', description: 'The same for a note-on and its note-off.' } as Field,
  wanted: real("When it was meant to sound: milliseconds of the daemon's clock."),
  sent: real("When it was sent: milliseconds of the daemon's clock."),
};

/** What a client may send, by `type`. */
export const CLIENT = {
  note: { help: 'Strike or release a key.', fields: { pitch: PITCH, velocity: whole(0, 127, '0 releases the key.'), channel: CHANNEL } },
  control: { help: 'Move a MIDI controller, such as pedal 64.', fields: { controller: whole(0, 127, 'MIDI controller number.'), value: whole(0, 127, 'Its position.'), channel: CHANNEL } },
  param: { help: 'Set a parameter.', fields: { name: PARAM, value: real('Within the range of the parameter.') } },
  patch: { help: 'Change to another patch.', fields: { name: PATCH } },
  play: { help: 'Listen and answer.', fields: {} },
  stop: { help: 'End what Antiphon plays and stay silent.', fields: {} },
  panic: { help: 'End every note on every output.', fields: {} },
  state: { help: 'Ask for a `state` message.', fields: {} },
  ping: { help: 'Ask for the time, as NTP does.', fields: { client: real("The client's own time, sent back in `pong`.") } },
} as const satisfies Record<string, Row>;

/** What the server sends, by `type`. */
export const SERVER = {
  hello: { help: 'The first message to each client.', fields: { protocol: { const: PROTOCOL, description: 'Version of this protocol.' }, state: STATE } },
  note: { help: 'Antiphon plays or ends a note.', fields: SOUNDED },
  heard: { help: "The player's own note, as Antiphon heard it.", fields: SOUNDED },
  withdraw: { help: 'A note was taken back: end it if it sounds, and never sound it.', fields: { id: { type: 'integer', description: 'Id of the note.' } } },
  param: { help: 'A parameter has changed.', fields: { name: PARAM, value: real('Its value now.') } },
  patch: { help: 'The patch has changed.', fields: { name: PATCH } },
  state: { help: 'The answer to `state`.', fields: { state: STATE } },
  ready: { help: 'From now on a note would be answered.', fields: {} },
  pong: { help: 'The answer to `ping`.', fields: { client: real("The ping's `client`."), received: real("When the ping came: milliseconds of the daemon's clock."), sent: real("When this left: milliseconds of the daemon's clock.") } },
  error: { help: 'Something a client sent was not understood, or failed.', fields: { code: text('Stable and dotted, for programs.'), message: text('For people: what was found, and what to do.') } },
} as const satisfies Record<string, Row>;

/** A request for the time; `client` is the client's own clock, in its own unit. */
export interface Ping {
  readonly kind: 'ping';
  readonly client: number;
}

type Wire<T extends { readonly kind: string }> = T extends unknown ? Omit<T, 'kind'> & { readonly type: T['kind'] } : never;
type WireNote = Wire<Extract<Told, { kind: 'note' }>>;

/** A message from the server, as it travels. */
export type ServerMessage =
  | { readonly type: 'hello'; readonly protocol: typeof PROTOCOL; readonly state: DaemonState }
  | { readonly type: 'pong'; readonly client: number; readonly received: number; readonly sent: number }
  | (Omit<WireNote, 'type'> & { readonly type: 'heard' })
  | Wire<Told>;

/** A message from a client, as it travels. */
export type ClientMessage = Wire<Command> | Wire<Ping>;

/** What was found, short and without the depth of what a stranger sent: a deeply nested value cannot be printed. */
const found = (value: unknown): unknown => (Array.isArray(value) ? 'a list' : typeof value === 'object' && value !== null ? 'an object' : value === undefined ? 'nothing' : value);

const refuse = (name: string, value: unknown, advice: string): never => {
  throw new AntiphonError('message.field', `${name} cannot be`, found(value), advice);
};

const numberOf = (name: string, value: unknown, field: Extract<Field, { type: 'integer' | 'number' }>): number => {
  const { minimum = -Infinity, maximum = Infinity } = field;
  const fits = typeof value === 'number' && Number.isFinite(value) && value >= minimum && value <= maximum && (field.type === 'number' || Number.isInteger(value));
  if (fits) return value;
  const range = field.minimum === undefined ? '' : ` from ${minimum} to ${maximum}`;
  return refuse(name, value, `Give a ${field.type === 'integer' ? 'whole ' : ''}number${range}.`);
};

/** Control characters and slashes: a name from a wire must never become a path. */
// oxlint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u001f/\\]/;

const stringOf = (name: string, value: unknown, most: number): string => {
  if (typeof value === 'string' && value.length >= 1 && value.length <= most && !UNFIT.test(value) && !value.startsWith('.')) return value;
  return refuse(name, value, `Give a name of 1 to ${most} characters without slashes.`);
};

const checked = (name: string, value: unknown, field: Field): number | string => {
  if ('type' in field && field.type !== 'string') {
    return value === undefined && field.default !== undefined ? field.default : numberOf(name, value, field);
  }
  if ('enum' in field) {
    return typeof value === 'string' && field.enum.includes(value) ? value : refuse(name, value, `There are: ${field.enum.join(', ')}.`);
  }
  return stringOf(name, value, 'maxLength' in field ? (field.maxLength as number) : 100);
};

/**
 * The command (or ping) of `type` with `given` fields.
 * @throws AntiphonError `message.type`, `message.field`, `param.value`
 */
export const commandOf = (type: unknown, given: Readonly<Record<string, unknown>>): Command | Ping => {
  if (typeof type !== 'string' || !Object.hasOwn(CLIENT, type)) {
    throw new AntiphonError('message.type', 'No message has the type', found(type), `There are: ${Object.keys(CLIENT).join(', ')}.`);
  }
  const kind = type as keyof typeof CLIENT;
  const fields: Readonly<Record<string, Field>> = CLIENT[kind].fields;
  for (const name of Object.keys(given)) {
    if (name !== 'type' && !Object.hasOwn(fields, name)) {
      const known = Object.keys(fields).join(', ');
      throw new AntiphonError('message.field', `${kind} has no field`, name, known ? `It has: ${known}.` : 'It has none.');
    }
  }
  const value = (name: string): number | string => checked(`${kind}.${name}`, Object.hasOwn(given, name) ? given[name] : undefined, fields[name] as Field);
  switch (kind) {
    case 'note':
      return { kind, pitch: pitch(value('pitch') as number), velocity: value('velocity') as number, channel: channel(value('channel') as number) };
    case 'control':
      return { kind, controller: value('controller') as number, value: value('value') as number, channel: channel(value('channel') as number) };
    case 'param':
      return { kind, ...checkParam(value('name') as string, value('value')) };
    case 'patch':
      return { kind, name: value('name') as string };
    case 'ping':
      return { kind, client: value('client') as number };
    default:
      return { kind };
  }
};

/**
 * One message of a client.
 * @throws AntiphonError `message.size`, `message.json`, `message.type`, `message.field`, `param.value`
 */
export const readMessage = (message: string): Command | Ping => {
  if (message.length > LARGEST) throw new AntiphonError('message.size', 'A message is too long', message.length, `At most ${LARGEST} bytes are read.`);
  let given: unknown;
  try {
    given = JSON.parse(message);
  } catch {
    throw new AntiphonError('message.json', 'This is not JSON', message.slice(0, 80), 'Send one JSON object a message, such as {"type":"note","pitch":60,"velocity":80}.');
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new AntiphonError('message.json', 'A message is an object, not', found(given), 'Send one such as {"type":"note","pitch":60,"velocity":80}.');
  }
  const fields = given as Readonly<Record<string, unknown>>;
  return commandOf(Object.hasOwn(fields, 'type') ? fields['type'] : undefined, fields);
};

/** What clients are told, as it travels: the player's own notes go by the name `heard`. */
export const messageFrom = (told: Told): ServerMessage => {
  const { kind, ...rest } = told;
  return { type: told.kind === 'note' && told.role === 'player' ? 'heard' : kind, ...rest } as ServerMessage;
};

/** A note that means nothing to anybody. */
export const NOBODYS: Extract<Told, { kind: 'note' }> = { kind: 'note', id: 0, role: 'player', pitch: pitch(60), velocity: 80, channel: channel(1), wanted: ms(0), sent: ms(0) };
const STRUCK = JSON.stringify({ type: 'note', pitch: 60, velocity: 80 });

/** Reads a note and writes one: after a rest the first would take some tenths of a millisecond longer. */
export const warmProtocol = (): string => `${readMessage(STRUCK).kind}${JSON.stringify(messageFrom(NOBODYS))}`;

const messageSchema = (type: string, row: Row, strict: boolean): object => ({
  title: type,
  description: row.help,
  type: 'object',
  properties: { type: { const: type }, ...row.fields },
  required: ['type', ...Object.entries(row.fields).flatMap(([name, field]) => ('default' in field ? [] : [name]))],
  ...(strict ? { additionalProperties: false } : {}),
  ...(type === 'param' ? { oneOf: PARAM_NAMES.map((name) => ({ properties: { name: { const: name }, value: paramSchema(name) } })) } : {}),
});

const paramSchema = (name: keyof typeof PARAMS): object => {
  const { min, max, initial, unit, help } = PARAMS[name];
  return { type: 'number', minimum: min, maximum: max, default: initial, description: unit ? `${help} Unit: ${unit}.` : help };
};

const oneOf = (table: Readonly<Record<string, Row>>, strict: boolean): object => ({ oneOf: Object.entries(table).map(([type, row]) => messageSchema(type, row, strict)) });

const names = { type: 'array', items: { type: 'string' } };

const latencySchema = {
  type: 'object',
  properties: { count: { type: 'integer' }, sum: { type: 'number' }, p50: { type: ['number', 'null'] }, p99: { type: ['number', 'null'] }, max: { type: ['number', 'null'] }, upTo: { type: 'array', items: { type: 'integer' } } },
  required: ['count', 'sum', 'p50', 'p99', 'max', 'upTo'],
};

/** The protocol as a JSON Schema (draft 2020-12): `#/$defs/client` and `#/$defs/server` are the two directions. */
export const schema = (): object => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: `Antiphon protocol ${PROTOCOL}`,
  anyOf: [{ $ref: '#/$defs/client' }, { $ref: '#/$defs/server' }],
  $defs: {
    client: oneOf(CLIENT, true),
    server: oneOf(SERVER, false),
    state: {
      type: 'object',
      properties: {
        ready: { type: 'boolean' },
        running: { type: 'boolean' },
        patch: { type: 'string' },
        patches: names,
        params: { type: 'object', properties: Object.fromEntries(PARAM_NAMES.map((name) => [name, paramSchema(name)])), required: PARAM_NAMES },
        engine: { type: 'string' },
        stepMs: { type: ['number', 'null'] },
        models: names,
        inputs: names,
        outputs: names,
        guarded: { type: ['array', 'null'], items: { type: 'string' } },
        bpm: { type: ['number', 'null'] },
        counters: { type: 'object', additionalProperties: { type: 'number' } },
        latency: { type: 'object', description: `Milliseconds; \`upTo\` counts what took no longer than ${LATENCY_EDGES.join(', ')}.`, properties: Object.fromEntries(Object.entries(LATENCIES).map(([name, description]) => [name, { ...latencySchema, description }])), required: LATENCY_NAMES },
        now: { type: 'number' },
      },
      required: ['ready', 'running', 'patch', 'patches', 'params', 'engine', 'stepMs', 'models', 'inputs', 'outputs', 'guarded', 'bpm', 'counters', 'latency', 'now'],
    },
  },
});
