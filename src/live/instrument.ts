import type { Predictor } from '../model/predictor.ts';
import { Guided } from '../model/guided.ts';
import { Remembering } from '../model/remembering.ts';
import type { AnyEncodingName } from '../music/encodings.ts';
import { Choir, type Sights } from './choir.ts';
import { Ear } from './ear.ts';

/** One model that a performer plays with: the name that roles know it by, and what its symbols mean. */
export interface MuseModel {
  readonly name: string;
  readonly encoding: AnyEncodingName;
  readonly predictor: Predictor;
}

/** A model as the muse plays it: one that plays in free time hears all that sounds, one of harmony sings in a choir. */
export type Instrument =
  | { readonly kind: 'performance'; readonly predictor: Predictor; readonly ear: Ear }
  | { readonly kind: 'harmony'; readonly predictor: Predictor; readonly choir: Choir }
  | { readonly kind: 'melody' | 'drums' | 'accompaniment'; readonly predictor: Predictor };

/** A model made ready to be opened and played, that remembers so many events at least; null for one of an encoding that no role plays with. */
export const instrumentOf = ({ encoding, predictor }: MuseModel, seed: number, window: number, sights: Sights | null): Instrument | null => {
  switch (encoding) {
    case 'performance': {
      const remembering = new Remembering(new Guided(predictor));
      return { kind: encoding, predictor: remembering, ear: new Ear(remembering, window) };
    }
    case 'melody':
      return { kind: encoding, predictor: new Remembering(new Guided(predictor)) };
    case 'harmony':
      return { kind: encoding, predictor, choir: new Choir(predictor, seed, sights) };
    case 'note-chord':
      return null;
    default:
      return { kind: encoding, predictor };
  }
};
