import { parseTree, printParseErrorCode, findNodeAtLocation, getNodeValue, type JSONPath, type Node, type ParseError } from 'jsonc-parser';
import * as z from 'zod';
import { AntiphonError } from '../core/errors.ts';
import type { Channel, Ms } from '../core/units.ts';
import { ROLES, type PatchedRole } from './command.ts';
import { PARAMS, PARAM_NAMES, type ParamName, type ParamValues } from './params.ts';
import { nearest } from './spelling.ts';

/** A port to listen to: every one for `*`, else those whose name contains `port`. */
export interface PatchInput {
  readonly port: string;
  /** Absent: all sixteen. */
  readonly channels?: readonly Channel[];
  /** Whether what comes in is sent on unchanged. */
  readonly thru: boolean;
}

/** Ports to play to: every one for `*`, else those whose name contains `port`. */
export interface PatchOutput {
  readonly port: string;
  /** Milliseconds after its wanted time (negative: before it) at which the port gets what is on a schedule; absent: 0. */
  readonly offset?: Ms;
}

export interface PatchRole {
  readonly kind: PatchedRole;
  readonly model: string;
  readonly channel: Channel;
  /** Where the bass of `accompany` plays; other roles have none. */
  readonly bass?: Channel;
  /** What differs for this role from the patch's own `params`. */
  readonly params: Readonly<Partial<ParamValues>>;
}

/** What a controller on the player's instrument moves. */
export interface PatchController {
  readonly cc: number;
  readonly param: ParamName;
  /** Absent: any. */
  readonly channel?: Channel;
}

/** A set-up for playing, as read from `patches/*.json`; what the file leaves out is filled in. */
export interface Patch {
  readonly name: string;
  readonly about: string;
  readonly inputs: readonly PatchInput[];
  readonly outputs: readonly PatchOutput[];
  /** Offsets of ports that no patch file says but the command line: they come before those of `outputs`, and open nothing. */
  readonly offsets?: readonly Required<PatchOutput>[];
  readonly clock: { readonly source: 'player' | 'internal' | 'midi'; readonly bpm?: number };
  readonly roles: readonly PatchRole[];
  readonly params: Readonly<Partial<ParamValues>>;
  readonly controllers: readonly PatchController[];
}

// Each message below is the advice of the error: it says what is allowed.
const text = z.string({ error: 'Give text in quotes.' }).min(1, { error: 'Give text that is not empty.' });
const number = (min: number, max: number): z.ZodNumber => {
  const error = `Give a number from ${min} to ${max}.`;
  return z.number({ error }).min(min, { error }).max(max, { error });
};
const whole = (min: number, max: number): z.ZodNumber => {
  const error = `Give a whole number from ${min} to ${max}.`;
  return z.number({ error }).int({ error }).min(min, { error }).max(max, { error });
};
const among = <const T extends readonly string[]>(values: T): z.ZodEnum<{ [K in T[number]]: K }> =>
  z.enum(values, { error: ({ input }) => (typeof input === 'string' ? knownAre(input, values) : `There are: ${values.join(', ')}.`) });
const listOf = <T extends z.ZodType>(item: T): z.ZodArray<T> => z.array(item, { error: 'Give a list in [ ].' });
/** One line of advice for each unknown key, in their order. */
const objectOf = <T extends z.ZodRawShape>(shape: T): z.ZodObject<T, z.core.$strict> =>
  z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? issue.keys.map((key) => knownAre(key, Object.keys(shape))).join('\n') : 'Give an object in { }.'),
  });

const knownAre = (found: string, known: readonly string[]): string => {
  const meant = nearest(found, known);
  return `${meant === undefined ? '' : `Did you mean "${meant}"? `}There are: ${known.join(', ')}.`;
};

const channel = whole(1, 16);
/** The most that an output can be offset by, in milliseconds: slower than that a synth is not played in time. */
export const FARTHEST = 100;
const params = objectOf(
  Object.fromEntries(PARAM_NAMES.map((name) => [name, (PARAMS[name].curve === 'whole' ? whole : number)(PARAMS[name].min, PARAMS[name].max).optional()])),
);
const kinds = ROLES.filter((role) => role !== 'player' && role !== 'bass');
/** Where a role plays that does not say: drums where General MIDI has them. */
const CHANNELS: Readonly<Record<PatchedRole, number>> = { respond: 2, continue: 3, harmonise: 4, accompany: 5, drum: 10 };
const BASS_CHANNEL = 6;
const role = objectOf({ kind: among(kinds), model: text, channel: channel.optional(), bass: channel.optional(), params: params.default({}) });
const roles = listOf(role).check(({ value, issues }) => {
  for (const [i, { kind, bass }] of value.entries()) {
    if (bass !== undefined && kind !== 'accompany') issues.push({ code: 'custom', path: [i, 'bass'], input: bass, message: 'Only accompany has a bass.' });
    if (value.findIndex((other) => other.kind === kind) < i) issues.push({ code: 'custom', path: [i, 'kind'], input: kind, message: 'Give each role once.' });
  }
});

const PATCH = objectOf({
  name: text,
  about: text,
  inputs: listOf(objectOf({ port: text, channels: listOf(channel).optional(), thru: z.boolean({ error: 'Give true or false.' }).default(false) })),
  outputs: listOf(objectOf({ port: text, offset: number(-FARTHEST, FARTHEST).optional() })),
  clock: objectOf({ source: among(['player', 'internal', 'midi']), bpm: number(20, 300).optional() }).default({ source: 'player' }),
  roles,
  params: params.default({}),
  controllers: listOf(objectOf({ cc: whole(0, 127), param: among(PARAM_NAMES), channel: channel.optional() })).default([]),
});

/**
 * Reads a patch: JSON in which comments and a comma after the last item are allowed.
 *
 * @param file how to name it in messages
 * @param faultOf why a role cannot play with the model it names, as advice; null where it can
 * @throws AntiphonError `patch.syntax`, `patch.key`, `patch.missing`, `patch.value` or `patch.model`, for the first mistake in the text
 */
export const readPatch = (source: string, file: string, faultOf: (each: PatchRole) => string | null = () => null): Patch => {
  const root = parsed(source, file);
  const mistakes = repeatedKeys(root);
  const result = PATCH.safeParse(getNodeValue(root));
  if (!result.success) for (const issue of result.error.issues) mistakes.push(...mistakesOf(issue, root));
  else (result.data as unknown as Patch).roles.forEach((each, i) => mistakes.push(...modelMistake(faultOf(each), ['roles', i, 'model'], root)));
  const first = mistakes.sort((a, b) => a.offset - b.offset)[0];
  if (first) throw new AntiphonError(first.code, `${file}:${lineOf(source, first.offset)}: ${first.what}`, first.value, first.advice);
  const patch = result.data as unknown as Patch; // the units and names it lacks exist for the type checker only
  return { ...patch, roles: patch.roles.map(withChannels) };
};

const withChannels = (each: PatchRole): PatchRole => ({
  ...each,
  channel: each.channel ?? (CHANNELS[each.kind] as Channel),
  ...(each.kind === 'accompany' ? { bass: each.bass ?? (BASS_CHANNEL as Channel) } : {}),
});

interface Mistake {
  readonly offset: number;
  readonly code: string;
  readonly what: string;
  readonly value: unknown;
  readonly advice: string;
}

const mistakesOf = (issue: z.core.$ZodIssue, root: Node): readonly Mistake[] => {
  const path = issue.path as JSONPath;
  const node = findNodeAtLocation(root, path);
  if (node === undefined) {
    const owner = findNodeAtLocation(root, path.slice(0, -1)) ?? root;
    // At its end, so that a misspelt key in the same object is the first mistake.
    return [{ offset: owner.offset + owner.length - 1, code: 'patch.missing', what: `${named(path.slice(0, -1))} lacks`, value: path.at(-1), advice: issue.message }];
  }
  if (issue.code === 'unrecognized_keys') {
    const advice = issue.message.split('\n');
    return issue.keys.map((key, i) => ({ offset: keyNode(node, key)?.offset ?? node.offset, code: 'patch.key', what: `${named(path)} has no such key as`, value: key, advice: advice[i] as string }));
  }
  return [{ offset: node.offset, code: 'patch.value', what: `${named(path)} cannot be`, value: getNodeValue(node), advice: issue.message }];
};

const modelMistake = (advice: string | null, path: JSONPath, root: Node): readonly Mistake[] => {
  const node = findNodeAtLocation(root, path);
  return advice === null || !node ? [] : [{ offset: node.offset, code: 'patch.model', what: `${named(path)} cannot be`, value: getNodeValue(node), advice }];
};

/** `roles[0].kind`, as in the languages people know. */
const named = (path: JSONPath): string =>
  path.length === 0 ? 'a patch' : path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');

const keyNode = (object: Node, key: string): Node | undefined => object.children?.find((property) => property.children?.[0]?.value === key)?.children?.[0];

/** JSON keeps the last of two equal keys without a word, so the first would do nothing. */
const repeatedKeys = (node: Node): Mistake[] => {
  const keys = node.type === 'object' ? (node.children ?? []).flatMap((property) => property.children?.[0] ?? []) : [];
  const seen = new Set<unknown>();
  const own = keys
    .filter(({ value }) => seen.size === seen.add(value).size)
    .map((key) => ({ offset: key.offset, code: 'patch.key', what: 'The same key stands twice', value: key.value as unknown, advice: 'Take one out.' }));
  return [...own, ...(node.children ?? []).flatMap(repeatedKeys)];
};

/** What the parser's codes mean to someone with an editor open. */
const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: 'Put text in double quotes.',
  InvalidNumberFormat: 'Write numbers like 12 or 0.5.',
  PropertyNameExpected: 'A key in double quotes belongs here.',
  ValueExpected: 'A value belongs here.',
  ColonExpected: 'A colon belongs here.',
  CommaExpected: 'A comma is missing before it.',
  CloseBraceExpected: 'A } is missing.',
  CloseBracketExpected: 'A ] is missing.',
  EndOfFileExpected: 'The patch has ended before it: take it out.',
  UnexpectedEndOfString: 'Close the text with a double quote.',
  UnexpectedEndOfComment: 'Close the comment with */.',
};
/** Deeper than any patch, and far from where the parser runs out of stack. */
const DEEPEST = 200;

const parsed = (source: string, file: string): Node => {
  const errors: ParseError[] = [];
  const wrong = (offset: number, advice: string): AntiphonError =>
    new AntiphonError('patch.syntax', `${file}:${lineOf(source, offset)}: this is not JSON`, source.slice(offset).split('\n')[0]?.slice(0, 40).trim() || 'the end', advice);
  const tooDeep = deeperThan(source, DEEPEST);
  if (tooDeep >= 0) throw wrong(tooDeep, 'Nest less.');
  const root = parseTree(source, errors, { allowTrailingComma: true });
  const first = errors.sort((a, b) => a.offset - b.offset)[0];
  if (first) throw wrong(first.offset, SYNTAX[printParseErrorCode(first.error)] ?? `${printParseErrorCode(first.error)}.`);
  if (root === undefined) throw wrong(0, 'A value belongs here.');
  return root;
};

/** Where brackets first nest deeper than `most`, brackets in texts counted too; −1 where they do not. */
const deeperThan = (source: string, most: number): number => {
  let depth = 0;
  for (let i = 0; i < source.length; i++) {
    if (source[i] === '{' || source[i] === '[') depth++;
    if (source[i] === '}' || source[i] === ']') depth--;
    if (depth > most) return i;
  }
  return -1;
};

const lineOf = (source: string, offset: number): number => source.slice(0, offset).split('\n').length;
