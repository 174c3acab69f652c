/** Frames that a relay might change, and the envelopes around them. */
import type { Profile } from '../conformance/profile.ts';
import { shownMessage } from '../conformance/wire-exchange.ts';
import { ProbeFault } from './probe-fault.ts';

/** Each would be changed by parsing it and writing it anew. */
const EXACT: readonly string[] = [
  '{"n":12345678901234567890123,"z":-0,"e":1E400,"f":1.10}',
  '{"b":1,"a":2,"a":3,"":null}',
  '"\\u0041\\/\\ud800 \\u2028"',
  '{"conn_id":"c-0","frame":{"close_code":4410},"close_code":4410}',
  '"é 漢字 👩‍🚀 \u{feff}"',
  '[true,false,[],{}]',
  '0',
];

/** The Go relay writes these anew in the phone's frames; see docs/differences.md. */
const EXACT_BUT_IN_GO: readonly string[] = ['{ "a" :\t[ 1 , 2 ] }', '"<b>&\u{2028}\u{2029}"'];

export const framesOfPhones = (profile: Profile): readonly string[] =>
  profile === 'go' ? EXACT : [...EXACT, ...EXACT_BUT_IN_GO];

export const framesOfBinaries: readonly string[] = [...EXACT, ...EXACT_BUT_IN_GO];

/** Of exactly so many bytes, all ASCII. `seed` tells it from others. */
export const frameOfSize = (bytes: number, seed: string): string => {
  const opening = `{"probe":"${seed}`;
  return `${opening}${'x'.repeat(Math.max(bytes - opening.length - 2, 0))}"}`;
};

const OPENING = '{"conn_id":"';
const MIDDLE = '","frame":';

/** The text of the frame is the one that came. */
export interface FrameEnvelope {
  readonly connId: string;
  readonly frame: string;
}

/** @throws ProbeFault for a message of another form, which no relay writes */
export const readFrameEnvelope = (text: string): FrameEnvelope => {
  const middleAt = text.indexOf(MIDDLE);
  const connId = text.slice(OPENING.length, middleAt);
  if (!text.startsWith(OPENING) || !text.endsWith('}') || !/^[\w.-]{1,64}$/.test(connId))
    throw new ProbeFault(`expected an envelope with a frame at the binary, got ${shownMessage(text)}`);
  return { connId, frame: text.slice(middleAt + MIDDLE.length, -1) };
};

export const envelopeOf = (connId: string, frame: string, closeCode?: number): string =>
  `${OPENING}${connId}${MIDDLE}${frame}${closeCode === undefined ? '' : `,"close_code":${closeCode}`}}`;
