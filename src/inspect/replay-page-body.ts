/** The data of the replay page as JSON, written server-id by server-id. */
import { ConfigError } from '../config/read-config.ts';
import { visibleJson } from '../protocol/visible-text.ts';
import { MAX_PAGE_BYTES } from './recorder-limits.ts';
import type { RecordingHeader } from './recording-format.ts';
import { ServerReplay } from './replay.ts';
import type { ReplayPage, ReplayPageServer, ReplayPageStep } from './replay-page-data.ts';
import { ReplayTimeline } from './replay-timeline.ts';
import type { ServerRecording } from './server-recordings.ts';

/** Joins pieces of JSON, within the bound. */
class Body {
  readonly #pieces: Buffer[] = [];
  #bytes = 0;

  add(text: string): void {
    const piece = Buffer.from(text);
    this.#bytes += piece.length;
    if (this.#bytes > MAX_PAGE_BYTES) {
      throw new ConfigError(
        `--serve shows at most ${MAX_PAGE_BYTES} bytes of steps, and this recording has more: ` +
          'choose a server-id with --server, or print it without --serve',
      );
    }
    this.#pieces.push(piece);
  }

  end(): Buffer {
    return Buffer.concat(this.#pieces);
  }
}

function* stepsOf(server: ServerRecording, { config }: RecordingHeader): Generator<ReplayPageStep, void> {
  const timeline = new ReplayTimeline(server);
  const chart = new ServerReplay(server, config);
  for (const record of server.records) {
    const step = chart.step(record);
    const events = timeline.describe(step);
    const { replayed, recorded, diverges } = step;
    yield { events, after: replayed, recorded: diverges ? recorded : null };
  }
}

/**
 * @returns a `ReplayPage` as JSON
 * @throws ConfigError if it would be too large
 */
export const replayPage = async (
  header: RecordingHeader,
  servers: AsyncIterable<ServerRecording>,
): Promise<Buffer> => {
  const body = new Body();
  /** Writes `value` without its end, to which the last of its lists is added. */
  const open = (value: object): void => body.add(visibleJson(JSON.stringify(value)).slice(0, -2));
  const { recordedAt, relay, config } = header;
  open({ recordedAt, relay, maxPhones: config.maxPhones, servers: [] } satisfies ReplayPage);
  let isFirstServer = true;
  for await (const server of servers) {
    if (!isFirstServer) body.add(',');
    isFirstServer = false;
    const { serverId, before } = server;
    open({ serverId, before, steps: [] } satisfies ReplayPageServer);
    let isFirstStep = true;
    for (const step of stepsOf(server, header)) {
      body.add(`${isFirstStep ? '' : ','}${visibleJson(JSON.stringify(step))}`);
      isFirstStep = false;
    }
    body.add(']}');
  }
  body.add(']}');
  return body.end();
};
