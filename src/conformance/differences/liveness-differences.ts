/** Differences that pings and pongs show. */
import { newServerId } from '../new-server-id.ts';
import type { Difference, Question } from './difference.ts';
import { ANSWER_MS, SILENT_MS } from './raw-connection.ts';
import { closeCodeOf, frameOf } from './raw-frame.ts';

/** As many as here end a connection, when they come within 10 s. */
const MOST_PINGS = 2_000;
const LAST = Buffer.from('last');

/** A holder that speaks while it is probed, and holds its pong. */
const messageForPong: Question['ask'] = async (asker) => {
  const serverId = newServerId();
  const holder = await asker.dial('binary', serverId);
  await holder.roundTrip(ANSWER_MS);
  holder.holdPings();
  const claimant = await asker.dial('binary', serverId);
  if (!(await holder.pinged(ANSWER_MS))) return 'no ping';
  holder.send('{}');
  const close = await claimant.close(SILENT_MS);
  return close === undefined ? 'no answer to a probe' : `close ${close.code} for the claimant`;
};

/** What a probe's ping carries. */
const pingPayload: Question['ask'] = async (asker) => {
  const serverId = newServerId();
  const holder = await asker.upgrade('binary', serverId);
  await asker.dial('binary', serverId);
  const ping = await holder.frame();
  if (ping?.opcode !== 'ping') return ping?.opcode ?? 'no ping';
  return /^\d+$/.test(ping.payload.toString('latin1')) ? 'a counter' : 'more than a counter';
};

const manyPings: Question['ask'] = async (asker) => {
  const binary = await asker.upgrade('binary');
  const pings = Array.from({ length: MOST_PINGS }, () => frameOf('ping'));
  binary.write(Buffer.concat([...pings, frameOf('ping', LAST)]));
  for (;;) {
    const frame = await binary.frame();
    if (frame === undefined) return 'no answer';
    if (frame.opcode === 'pong' && frame.payload.equals(LAST)) return 'answered';
    if (frame.opcode === 'close') return `close ${closeCodeOf(frame)} ${frame.payload.toString('utf8', 2)}`;
  }
};

export const LIVENESS_DIFFERENCES: readonly Difference[] = [
  {
    id: 'answer-to-a-probe',
    section: 'Slow and flooding peers',
    what: 'Answer to a heartbeat or a probe',
    go: 'its pong',
    here: 'anything that is read from the peer',
    why: 'on a slow link, a pong waits behind what its sender has sent before, for minutes',
    question: {
      ask: messageForPong,
      go: 'no answer to a probe',
      here: 'close 4409 for the claimant',
    },
  },
  {
    id: 'ping-payload',
    section: 'Slow and flooding peers',
    what: 'Pings',
    go: 'one in 30 s',
    here: 'also one behind each 120 KiB that is sent: its pong shows that they were read. Payloads end in a random tag instead of being a plain counter',
    why: 'so a peer that reads slowly is told from one that is gone, and from one that guesses its pongs',
    question: { ask: pingPayload, go: 'a counter', here: 'more than a counter' },
  },
  {
    id: 'many-pings',
    section: 'Slow and flooding peers',
    what: '2,000 pings, or pongs that answer no ping, within 10 s',
    go: 'answered, any number',
    here: 'close 1008 `too many pings or pongs`',
    why: 'at six bytes each they are a flood that nothing else holds back',
    question: { ask: manyPings, go: 'answered', here: 'close 1008 too many pings or pongs' },
  },
];
