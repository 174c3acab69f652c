/** Differences that envelopes show: how the relay writes them, and how it reads them. */
import { type Pair, splitEnvelope } from './asker.ts';
import type { Difference, Question } from './difference.ts';
import { ANSWER_MS } from './raw-connection.ts';

/** Number of members that an envelope may have here, with its conn id and its frame. */
const MOST_MEMBERS = 16;
/** As many as here end a connection, when they come within 10 s. */
const MOST_BROKEN = 1_000;

/** What a re-encoder changes: whitespace, and what Go's encoding/json escapes for HTML and JavaScript. */
const ODD_FRAME = '{ "n" : [ 1.0 , "<&>\u2028" ] }';

const reEncoding: Question['ask'] = async (asker) => {
  const { binary, phone } = await asker.pair();
  phone.send(ODD_FRAME);
  const frame = splitEnvelope(await binary.message(ANSWER_MS))?.frame;
  if (frame === ODD_FRAME) return 'the bytes of the phone';
  if (frame === '{"n":[1.0,"\\u003c\\u0026\\u003e\\u2028"]}') return 're-encoded';
  return frame ?? 'no envelope';
};

const connIdForm: Question['ask'] = async (asker) => {
  const { connId, serverId } = await asker.pair();
  if (/^c-[0-9a-f]{16}$/.test(connId)) return 'c- and 16 hex digits';
  const prefix = `client-${serverId}-`;
  if (connId.startsWith(prefix) && /^[0-9a-f]{8}$/.test(connId.slice(prefix.length)))
    return 'client-, the server-id and 8 hex digits';
  return connId;
};

/** @returns whether the phone gets the frame `"odd"` of this envelope, or the next one first */
const delivering =
  (envelope: (pair: Pair) => string): Question['ask'] =>
  async (asker) => {
    const pair = await asker.pair();
    pair.binary.send(envelope(pair));
    pair.binary.send(JSON.stringify({ conn_id: pair.connId, frame: 'next' }));
    const got = await pair.phone.message(ANSWER_MS);
    if (got === '"odd"') return 'delivered';
    return got === '"next"' ? 'dropped' : (got ?? 'nothing delivered');
  };

const manyBroken: Question['ask'] = async (asker) => {
  const { binary, phone, connId } = await asker.pair();
  for (let sent = 0; sent < MOST_BROKEN; sent++) binary.send('{');
  binary.send(JSON.stringify({ conn_id: connId, frame: 'next' }));
  const got = await phone.message(ANSWER_MS);
  if (got === '"next"') return 'dropped';
  const close = await binary.close(ANSWER_MS);
  return close === undefined ? 'nothing' : `close ${close.code} ${close.reason}`;
};

export const ENVELOPE_DIFFERENCES: readonly Difference[] = [
  {
    id: 're-encoded-frame',
    section: 'Messages',
    what: "A phone's frame inside the envelope",
    go: 're-encoded: whitespace removed, `<`, `>`, `&`, U+2028 and U+2029 escaped',
    here: "the phone's bytes, unchanged",
    why: 'frames are opaque; re-encoding gains nothing',
    question: { ask: reEncoding, go: 're-encoded', here: 'the bytes of the phone' },
  },
  {
    id: 'conn-ids',
    section: 'Messages',
    what: 'Conn ids',
    go: '`client-<server-id>-<8 hex>`',
    here: '`c-` and 16 hex digits',
    why: 'shorter, and does not reveal the server-id',
    question: {
      ask: connIdForm,
      go: 'client-, the server-id and 8 hex digits',
      here: 'c- and 16 hex digits',
    },
  },
  {
    id: 'key-case',
    section: 'Messages',
    what: "Key names in a binary's envelope",
    go: 'match in any case',
    here: 'match exactly',
    why: 'two spellings are two keys',
    question: {
      ask: delivering(({ connId }) => `{"Conn_ID":"${connId}","FRAME":"odd"}`),
      go: 'delivered',
      here: 'dropped',
    },
  },
  {
    id: 'duplicate-keys',
    section: 'Messages',
    what: 'Duplicate keys in an envelope',
    go: 'a later `null` leaves the earlier value; an earlier value of the wrong type spoils the envelope',
    here: 'only the last one counts',
    why: 'one rule for all',
    question: {
      ask: delivering(({ connId }) => `{"conn_id":"${connId}","frame":"odd","conn_id":null}`),
      go: 'delivered',
      here: 'dropped',
    },
  },
  {
    id: 'many-members',
    section: 'Messages',
    what: 'An envelope with more than 16 members',
    go: 'accepted',
    here: 'dropped, counted and logged',
    why: 'reading a message full of tiny members takes a hundred times as long as a frame of its size',
    question: {
      ask: delivering(({ connId }) => {
        const more = Array.from({ length: MOST_MEMBERS - 1 }, (_, i) => `"m${i}":0`);
        return `{"conn_id":"${connId}","frame":"odd",${more.join()}}`;
      }),
      go: 'delivered',
      here: 'dropped',
    },
  },
  {
    id: 'broken-envelopes',
    section: 'Messages',
    what: '1,000 broken envelopes of a binary within 10 s, with or without valid ones in between',
    go: 'dropped and logged, any number',
    here: 'close 1008 `too many broken envelopes`',
    why: 'each costs more to read and to report than to send; a daemon with a bug stays far below. An unknown conn id is not broken',
    question: { ask: manyBroken, go: 'dropped', here: 'close 1008 too many broken envelopes' },
  },
];
