/** Bundles the live page and the flight recorder for the relay. */
import type { Server } from 'node:http';
import type { AnyActorRef } from 'xstate';
import type { Config } from '../config/settings.ts';
import type { DirectoryRef } from '../machines/relay-machine.ts';
import type { ChartTimers } from '../transport/chart-timers.ts';
import type { ListenerHooks } from '../transport/http-listener.ts';
import type { Direction, Observation } from '../transport/observation.ts';
import { createInspectListener } from './inspect-listener.ts';
import { Inspector } from './inspector.ts';
import { readPageFiles } from './page-files.ts';
import { pastOf } from './past.ts';
import { FlightRecorder } from './recorder.ts';
import { writeRecording } from './write-recording.ts';

export interface InspectionSources {
  readonly relay: AnyActorRef;
  readonly directory: DirectoryRef;
  readonly counts: { readonly binaries: number; readonly phones: number };
  readonly timers: ChartTimers;
  readonly version: string;
  readonly config: Config;
}

export interface Inspection {
  readonly observe: (observation: Observation) => void;
  readonly framesForwarded: (direction: Direction, count: number) => void;
  /** False if the page's files are not beside the program. The stream and the recording are served all the same. */
  readonly hasPage: boolean;
  readonly createListener: (hooks: ListenerHooks) => Server;
  readonly end: () => void;
}

export const createRecorder = (config: Config): FlightRecorder => new FlightRecorder(config);

export const createInspection = (recorder: FlightRecorder, sources: InspectionSources): Inspection => {
  const { relay, directory, counts, timers, version, config } = sources;
  const { maxPhones, graceMs } = config;
  const inspector = new Inspector({
    relay,
    directory,
    counts,
    timers,
    onChanges: (changed) => {
      recorder.changed = changed;
    },
    past: (serverId) => pastOf(recorder, serverId),
    hello: { version, maxPhones, graceMs },
  });
  // Read now: an upgrade may replace them under a running relay.
  const files = readPageFiles();
  return {
    hasPage: files.size > 0,
    observe: (observation) => inspector.observe(observation),
    framesForwarded: (direction, count) => inspector.traffic.countFrames(direction, count),
    createListener: (hooks) =>
      createInspectListener(
        { inspector, files, recording: (keepIds) => writeRecording(recorder, { keepIds }) },
        hooks,
      ),
    end: () => inspector.end(),
  };
};
