/** What the flight recorder holds of one server-id, replayed, as a page shows it. */
import { PAST_BYTES } from './inspect-limits.ts';
import type { RecordingRecord } from './read-recording.ts';
import type { RecordedEvent } from './recorded-state.ts';
import type { FlightRecorder } from './recorder.ts';
import type { ReplayEvent } from './recording-format.ts';
import { ServerReplay } from './replay.ts';
import type { ReplayPageServer, ReplayPageStep } from './replay-page-data.ts';
import { ReplayTimeline } from './replay-timeline.ts';
import type { ServerRecording } from './server-recordings.ts';

/** No lines: this was never a file. */
const LINE = 0;

/** The recorder's slots have all fields; a replay tells events apart by the fields that they have. */
const given = (event: RecordedEvent): ReplayEvent =>
  // The chart itself has taken these events, so they are of its types.
  Object.fromEntries(Object.entries(event).filter(([, value]) => value !== undefined)) as ReplayEvent;

/** @returns null if nothing is recorded; otherwise as many of the latest steps as `PAST_BYTES` hold */
export const pastOf = (recorder: FlightRecorder, serverId: string): ReplayPageServer | null => {
  const tape = recorder.tape(serverId);
  if (tape === undefined) return null;
  const records = tape.records.map(
    ({ t, event, after }): RecordingRecord => ({ line: LINE, t, event: given(event), after }),
  );
  const recording: ServerRecording = { serverId, line: LINE, before: tape.before, records };
  const timeline = new ReplayTimeline(recording);
  const chart = new ServerReplay(recording, recorder.config);
  const steps = records.map((record): ReplayPageStep => {
    const step = chart.step(record);
    const { replayed, recorded, diverges } = step;
    return { events: timeline.describe(step), after: replayed, recorded: diverges ? recorded : null };
  });
  let left = PAST_BYTES;
  const first = steps.findLastIndex((step) => (left -= JSON.stringify(step).length) < 0) + 1;
  return { serverId, before: steps[first - 1]?.after ?? tape.before, steps: steps.slice(first) };
};
