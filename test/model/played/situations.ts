/** What the generated paths never do, each on relays of its own. Those of one relay share its settings and its timers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashToken } from '../../../src/admission/binary-tokens.ts';
import type { TestRelay } from '../../support/relay.ts';
import { ScriptedPush } from '../../support/scripted-push.ts';
import {
  closeOddly,
  closeTooMany,
  endLate,
  endUnparsed,
  endUnparsedInLine,
  leaveOpen,
  misbehaveInLine,
} from './closings.ts';
import { endWithBinaries, endWithMutePhone, failToStart } from './drains.ts';
import { breakDown, revoke } from './faults.ts';
import { optionsFor, withFcm } from './fcm.ts';
import { beat, pausePhones } from './heartbeats.ts';
import { holdTooMuch, overflow } from './memory.ts';
import { ROOMY } from './played-peers.ts';
import { breakProvider, fetchTooLong, sendTooLong, wakeAll } from './push.ts';
import { closeDismissed, stall, stallDismissed } from './stalls.ts';
import { withRelay } from './with-relay.ts';

/** None of its timers expires in a test. */
const PATIENT = { graceMs: 600_000, probeTimeoutMs: 600_000 };
const SHORT_CLOSINGS = {
  'flushTimeout.connection.closing.flushing': 100,
  'closeWriteTimeout.connection.closing.writing': 100,
  'closeWriteTimeout.connection.closing.objecting': 100,
  'closeWriteTimeout.connection.closing.finishing': 100,
  'closeWriteTimeout.connection.refused.finishing': 100,
  'closeAnswerTimeout.connection.closing.answering': 100,
  'closeAnswerTimeout.connection.refused.answering': 100,
};

/** For those that must still be closing when the last of them begins, on a busy machine. */
const LONG_CLOSINGS = {
  'closeAnswerTimeout.connection.closing.answering': 600_000,
  'closeAnswerTimeout.connection.refused.answering': 600_000,
};

interface Situation {
  readonly name: string;
  readonly play: () => Promise<void>;
}

/** The longest first: a few are played at a time. */
export const SITUATIONS: readonly Situation[] = [
  {
    name: 'stalls',
    play: async () => {
      const options = {
        ...PATIENT,
        phoneBacklogBytes: ROOMY,
        writeTimeoutMs: 1_000,
        messageTimeoutMs: 1_000,
      };
      await withRelay(options, {}, stall);
    },
  },
  {
    name: 'a stall behind a dismissal',
    play: async () => {
      // Long enough for the phone to be dismissed before.
      const options = { ...PATIENT, phoneBacklogBytes: ROOMY, writeTimeoutMs: 2_000 };
      await withRelay(options, {}, stallDismissed);
    },
  },
  {
    name: 'wakes',
    play: async () => {
      await withFcm(async (fake) => {
        await withRelay({}, {}, async (relay) => await wakeAll(relay, fake));
      });
    },
  },
  {
    name: 'closings that the peer leaves open',
    play: async () => {
      await withRelay({ ...PATIENT, phoneBacklogBytes: ROOMY }, SHORT_CLOSINGS, leaveOpen);
    },
  },
  {
    name: 'too many closings',
    play: async () => {
      await withRelay({ ...PATIENT, maxPhones: 1 }, LONG_CLOSINGS, closeTooMany);
    },
  },
  {
    name: 'odd closings',
    play: async () => {
      await withRelay(PATIENT, {}, async (relay) => {
        await closeOddly(relay);
        await closeDismissed(relay);
        await endUnparsed(relay);
        await endUnparsedInLine(relay);
        await misbehaveInLine(relay);
        await endLate(relay);
      });
    },
  },
  {
    name: 'more than the relay may hold',
    play: async () => {
      const options = { ...PATIENT, totalBacklogBytes: 1024 * 1024, maxFrameBytes: 3 * 1024 * 1024 };
      await withRelay(options, {}, holdTooMuch);
      await withRelay({ ...PATIENT, phoneBacklogBytes: 10_000, maxFrameBytes: 9_000 }, {}, overflow);
    },
  },
  {
    name: 'heartbeats',
    play: async () => {
      await withRelay({ ...PATIENT, heartbeatIntervalMs: 200, heartbeatTimeoutMs: 1_000 }, {}, beat);
    },
  },
  {
    name: 'phones that are paused',
    play: async () => {
      await withRelay({ ...PATIENT, heartbeatIntervalMs: 1_000 }, {}, pausePhones);
    },
  },
  {
    name: 'faults of the relay',
    play: async () => {
      await withRelay(PATIENT, {}, breakDown);
    },
  },
  {
    name: 'tokens that are revoked',
    play: async () => {
      const folder = mkdtempSync(join(tmpdir(), 'played-'));
      const file = join(folder, 'tokens');
      writeFileSync(file, hashToken('token'));
      await withRelay({ ...PATIENT, binaryTokens: file }, {}, async (relay) => await revoke(relay, file));
      rmSync(folder, { recursive: true });
    },
  },
  {
    name: 'drains',
    play: async () => {
      const end = (count: number) => async (relay: TestRelay) => await endWithBinaries(relay, count);
      await withRelay({ drainDelayMs: 100 }, {}, end(1));
      await withRelay({ drainDelayMs: 100, drainSpreadMs: 300 }, {}, end(6));
      await withRelay({ drainSpreadMs: 2_000 }, {}, end(1));
      await withRelay({ drainDeadlineMs: 200 }, {}, endWithMutePhone);
      await withRelay(
        { drainDelayMs: 60_000, drainDeadlineMs: 70_000 },
        { 'drainDeadline.relay.draining': 100 },
        endWithMutePhone,
      );
      await failToStart();
    },
  },
  {
    name: 'a push service that does not answer',
    play: async () => {
      await withFcm(async (fake) => {
        const short = { 'callTimeout.push.on.fetching': 100 };
        await withRelay(optionsFor(fake), short, async (relay) => await fetchTooLong(relay, fake));
      });
      await withFcm(async (fake) => {
        const short = { 'callTimeout.wake.delivering': 100 };
        await withRelay(optionsFor(fake), short, async (relay) => await sendTooLong(relay, fake));
      });
    },
  },
  {
    name: 'a provider that is broken',
    play: async () => {
      const push = new ScriptedPush();
      await withRelay({ pushProvider: push }, {}, async (relay) => await breakProvider(relay, push));
    },
  },
];
