/** Settings that are good each, but not with these values together. */
import { FRAME_OVERHEAD_BYTES } from '../protocol/limits.ts';
import { ConfigError, type Report } from './config-error.ts';
import type { Given } from './flag-combinations.ts';
import { formatDuration, formatSize } from './quantities.ts';
import { type Config, settings } from './settings.ts';

type Named = (typeof settings)[keyof typeof settings];

/** Where a setting was set, or its flag. */
const nameOf = ({ flag }: Named, given: Given): string => given.get(flag) ?? `--${flag}`;

/** A phone that reads at once must get every accepted frame, so its queue must hold the longest one. */
const checkBacklog = ({ maxFrameBytes, phoneBacklogBytes }: Config, given: Given, report: Report): void => {
  const neededBytes = maxFrameBytes + FRAME_OVERHEAD_BYTES;
  if (phoneBacklogBytes >= neededBytes) return;
  const backlog = `${nameOf(settings.phoneBacklogBytes, given)} ${formatSize(phoneBacklogBytes)}`;
  const frame = `${nameOf(settings.maxFrameBytes, given)} ${formatSize(maxFrameBytes)}`;
  const longest = formatSize(phoneBacklogBytes - FRAME_OVERHEAD_BYTES);
  report(
    new ConfigError(
      `${backlog} cannot hold one frame of ${frame}: raise the backlog to at least ${formatSize(neededBytes)} or lower the frame to at most ${longest}`,
    ),
  );
};

const checkReserved = ({ reservedBinaries, reservedPhones }: Config, given: Given, report: Report): void => {
  if (reservedBinaries + reservedPhones <= 100) return;
  const binaries = `${nameOf(settings.reservedBinaries, given)} ${reservedBinaries}`;
  const phones = `${nameOf(settings.reservedPhones, given)} ${reservedPhones}`;
  report(new ConfigError(`${binaries} and ${phones} are more than 100 per cent together`));
};

/** The deadline is above all, so a drain that is planned to last longer would end with a cut. */
const checkDrain = (
  { drainDelayMs, drainSpreadMs, drainDeadlineMs }: Config,
  given: Given,
  report: Report,
): void => {
  if (drainDelayMs + drainSpreadMs < drainDeadlineMs || drainDelayMs + drainSpreadMs === 0) return;
  const delay = `${nameOf(settings.drainDelayMs, given)} ${formatDuration(drainDelayMs)}`;
  const spread = `${nameOf(settings.drainSpreadMs, given)} ${formatDuration(drainSpreadMs)}`;
  const deadline = `${nameOf(settings.drainDeadlineMs, given)} ${formatDuration(drainDeadlineMs)}`;
  report(
    new ConfigError(
      `${delay} and ${spread} leave no time for backlogs before ${deadline}: raise the deadline above their sum`,
    ),
  );
};

/** Reports both settings, each by where it was set. */
export const checkContradictions = (config: Config, given: Given, report: Report): void => {
  checkBacklog(config, given, report);
  checkReserved(config, given, report);
  checkDrain(config, given, report);
};
