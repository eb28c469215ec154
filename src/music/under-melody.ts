import { CHORD, EIGHTHS_PER_BEAT } from './accompaniment.ts';
import { chordOfNumber, tonesOf } from './chord.ts';

/** The first and third beats of a bar, of its 8ths. */
export const STRONG = 2 * EIGHTHS_PER_BEAT;
/**
 * By how much a chord without the melody's note is less likely on a strong beat, in nats: so much that a melody's notes there are chord
 * tones as often as people's are. The model alone has them at 0.82 of people's rate.
 */
const LEAN = 1.1;

/** What speaks against a symbol of the chord at the 8th `place` of a bar, where the melody sounds `key` and the chord of number `standing` stands, −1 for none. Realtime-safe: yes. */
export const againstMelody = (symbol: number, standing: number, key: number, place: number, lean = LEAN): number => {
  const chord = symbol >= CHORD.on ? symbol - CHORD.on : symbol === CHORD.hold ? standing : -1;
  if (key < 0 || chord < 0 || place % STRONG !== 0) return 0;
  return tonesOf(chordOfNumber(chord)).includes(key % 12) ? 0 : -lean;
};
