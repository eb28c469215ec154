import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { channel, ms, pitch, velocity } from '../../src/core/units.ts';
import { readSmf, type Song, type Track } from '../../src/music/smf-read.ts';
import { rolesOf } from '../../src/training/roles.ts';
import { dataSet, fixture } from '../fixtures/at.ts';

const read = (file: string): Song => readSmf(readFileSync(file));
const blind = (song: Song): Song => ({ ...song, tracks: song.tracks.map((track) => ({ ...track, name: '' })) });
/** A track that strikes these chords, a beat each. */
const track = (chords: readonly (readonly number[])[], more: Partial<Track> = {}, on = 1): Track => ({
  name: '', program: null, controls: [],
  notes: chords.flatMap((chord, beat) => chord.map((key) => ({ start: ms(beat * 500), duration: ms(500), tick: beat * 480, ticks: 480, pitch: pitch(key), velocity: velocity(80), channel: channel(on) }))),
  ...more,
});
const song = (...tracks: Track[]): Song => ({ ppq: 480, tracks, tempos: [{ tick: 0, time: ms(0), bpm: 120 }], metres: [], duration: ms(4000), faults: [] });

const tune = track([[72], [74], [76], [77], [79], [77], [76], [74]]);
const chords = track(Array.from({ length: 8 }, () => [60, 64, 67]));
const low = track([[36], [43], [36], [43], [36], [43], [36], [43]]);
const drums = track(Array.from({ length: 8 }, () => [36]), {}, 10);

describe('the roles of tracks', () => {
  it('are told without names by register, channel, and whether they are one line', () => {
    expect(rolesOf(song(chords, low, drums, tune))).toEqual(['other', 'bass', 'drums', 'melody']);
    expect(rolesOf(song(chords, { ...track([[60], [62]]), program: 33 }, tune))).toEqual(['other', 'bass', 'melody']);
  });

  it('go by a name before all else', () => {
    expect(rolesOf(song({ ...tune, name: 'Piano' }, { ...low, name: 'Singstimme' }))).toEqual(['other', 'melody']);
    expect(rolesOf(song({ ...tune, name: 'Bass' }, track([[60]])))[0]).toBe('bass');
    expect(rolesOf(song({ ...tune, name: 'Drum Kit' }, track([[60]])))[0]).toBe('drums');
  });

  it('have no melody where all are chords, and none at all where no note is', () => {
    expect(rolesOf(song(chords))).toEqual(['other']);
    expect(rolesOf(song({ ...tune, notes: [] }))).toEqual(['other']);
  });

  it.each(['331', '764'])('of pop909/%s are its own', (name) => {
    const given = read(fixture(`pop909/${name}/${name}.mid`));
    expect(given.tracks.map((each) => each.name)).toEqual(['MELODY', 'BRIDGE', 'PIANO']);
    expect(rolesOf(given)).toEqual(['melody', 'other', 'other']);
  });

  it.each(['lc6202167', 'lc5801830'])('of the song %s have its voice as the melody', (name) => {
    const given = read(fixture(`lieder/${name}.mid`));
    const roles = rolesOf(given);
    expect(roles.filter((role) => role === 'melody')).toHaveLength(1);
    expect(given.tracks[roles.indexOf('melody')]?.name).toMatch(/voice|singst|gesang|chant/i);
  });

  const pop = dataSet('pop909');
  it.skipIf(!pop)('find the melody of at least nine pop songs in ten without its name', { timeout: 120_000 }, () => {
    const songs = readdirSync(pop as string).filter((name) => /^\d+$/.test(name)).filter((_, i) => i % 8 === 0).map((name) => read(join(pop as string, name, `${name}.mid`)));
    const right = songs.filter((each) => each.tracks[rolesOf(blind(each)).indexOf('melody')]?.name === 'MELODY').length;
    expect(songs.length).toBeGreaterThan(90);
    expect(right / songs.length).toBeGreaterThan(0.9);
  });
});
