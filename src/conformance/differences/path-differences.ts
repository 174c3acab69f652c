/** Differences that the paths show. */
import type { WireEvent } from '../wire-events.ts';
import type { Difference } from './difference.ts';

const BARE = { code: 1000, reason: '' };
const DISMISSED = { code: 4401, reason: '' };

/** A claimant in line that leaves. */
const UNSEEN: ReadonlySet<WireEvent> = new Set(['first in line leaves', 'last in line leaves']);
/** What decides a probe in favour of a claimant. */
const RACES: ReadonlySet<WireEvent> = new Set(['holder leaves', 'holder drops', 'holder is silent']);
/** As many claimants as the paths have, but for those that fill the line. */
const LONGEST_LINE = 2;

const NO_SERVER = '4404 `no server with that id`';

export const PATH_DIFFERENCES: readonly Difference[] = [
  {
    id: 'grace-expires',
    section: 'Closing',
    what: 'Grace expires',
    go: 'phones closed with 1000, no reason',
    here: NO_SERVER,
    why: 'the phone shows "daemon absent" instead of retrying blindly',
    rows: [{ event: 'grace passes', slots: ['grace'], expected: { closes: { phones: BARE } } }],
  },
  {
    id: 'phone-sends-in-grace',
    section: 'Closing',
    what: 'A phone sends during grace',
    go: 'closed with 1000, no reason',
    here: NO_SERVER,
    why: 'the same',
    rows: [
      {
        event: 'phone sends',
        slots: ['grace'],
        expected: { delivered: false, closes: { 'oldest phone': BARE } },
      },
    ],
  },
  {
    id: 'illegal-directive',
    section: 'Closing',
    what: 'A directive with a code that no close frame may carry (999, 1005, 1006, 1015, 2000, 5000 ...)',
    go: 'TCP dropped, no close frame',
    here: 'the phone is closed with 1011 `illegal close code`, and it is logged',
    why: 'the phone learns that it is closed',
    rows: [
      {
        event: 'dismiss illegally',
        slots: ['live'],
        expected: { delivered: true, closes: { 'oldest phone': { code: 1006, reason: null } } },
      },
    ],
  },
  {
    id: 'close-while-writing',
    section: 'Closing',
    what: 'Close codes while a write is in progress',
    go: 'TCP dropped now and then, the code is lost: a phone sees 1006 where 4404 is due',
    here: 'the code is sent after that write: it sees 4404',
    why: 'every close code gets out',
    allows: 'drops TCP',
  },
  {
    id: 'place-of-a-dismissed-phone',
    section: 'Closing',
    what: 'The place of a dismissed phone',
    go: 'free when its close handshake is done, up to 5 s later: until then the next phone may get 4429',
    here: 'free at once, whether it answers or not',
    why: 'a phone that is gone for its binary must not keep another one out',
    rows: [
      {
        event: 'dismiss',
        slots: ['live'],
        expected: { delivered: true, closes: { 'oldest phone': DISMISSED } },
      },
    ],
    allows: 'dials again',
  },
  {
    id: 'registered-after-101',
    section: 'Claims',
    what: 'When a dial counts',
    go: 'some time after its 101: a phone that dials right behind its binary may get 4404',
    here: 'with its 101: no dial behind that comes first',
    why: 'who has been told that its dial succeeded can rely on it',
    allows: 'dials again',
  },
  {
    id: 'registered-ahead-of-a-takeover',
    section: 'Claims',
    what: 'A phone that dials behind the 101 of a binary that takes over or reclaims',
    go: 'may register ahead of the claim, with the old binary, and is then evicted with 4404 `binary reclaimed server-id`',
    here: 'registers with the new binary',
    why: 'the same',
    allows: 'dials again',
  },
  {
    id: 'claimant-in-line',
    section: 'Claims',
    what: 'A claimant in line',
    go: 'not read at all',
    here: 'read until its first message, which is held; then paused',
    why: 'a claimant that leaves before it has sent anything is noticed and forgotten; see [ADR 4](adr/0004-a-waiting-claimant-is-read-until-it-speaks.md)',
    leavesOpen: ({ event }) => UNSEEN.has(event),
  },
  {
    id: 'length-of-the-line',
    section: 'Claims',
    what: 'Claimants in line for one probe',
    go: 'any number',
    here: '16; the next gets 4409',
    why: 'bounded',
    leavesOpen: ({ from, to }) => Math.max(from.line, to.line) > LONGEST_LINE,
  },
  {
    id: 'line-without-a-holder',
    section: 'Claims',
    what: 'Claimants in line once the holder has left or was displaced',
    go: 'each starts a probe of its own',
    here: 'the first in line gets the server-id, the others 4409',
    why: 'the new holder is known to be alive',
    leavesOpen: ({ event, from }) => RACES.has(event) && from.line > 1,
  },
];
