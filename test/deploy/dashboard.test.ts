/** A real Prometheus scrapes a relay that has traffic, and each query of the dashboard is asked. */
import { afterEach, expect, test } from 'vitest';
import { queries } from '../support/dashboard.ts';
import { Peers } from '../support/peer.ts';
import { Prometheus, prometheusMissing, type Sample } from '../support/prometheus.ts';
import { RelayProcess } from '../support/relay-process.ts';

let relay: RelayProcess | undefined;
const peers = new Peers(() => relay?.url ?? '');
let prometheus: Prometheus | undefined;
const end = new AbortController();
afterEach(async () => {
  end.abort();
  await prometheus?.stop();
  peers.dispose();
  await relay?.stop();
});

const BURST = 100;
/** A test process that is busy with its peers asks nothing. */
const PAUSE_MS = 20;
const POLL_MS = 250;
const MAX_TRIES = 60;

/** Frames both ways until the test has ended. */
const exchange = async (): Promise<void> => {
  const serverId = peers.serverId();
  const binary = await peers.binary(serverId);
  const { phone, connId } = await peers.knownPhone(serverId, binary);
  while (!end.signal.aborted) {
    for (let i = 0; i < BURST; i++) phone.send('"up"');
    for (let i = 0; i < BURST; i++) await binary.next();
    for (let i = 0; i < BURST; i++) binary.send(`{"conn_id":"${connId}","frame":"down"}`);
    for (let i = 0; i < BURST; i++) await phone.next();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
};

/** As Grafana fills in its variables. */
const filledIn = (expr: string): string =>
  expr.replaceAll('$instance', '.+').replaceAll('$__rate_interval', '5s');

const isAnswer = (samples: readonly Sample[] | undefined): samples is readonly Sample[] =>
  samples !== undefined &&
  samples.length > 0 &&
  samples.every(({ value }) => Number.isFinite(Number(value[1])));

test.skipIf(prometheusMissing !== '')(
  `each query of the dashboard has an answer while there is traffic${prometheusMissing}`,
  async () => {
    relay = await RelayProcess.start();
    await relay.logged('listening');
    prometheus = await Prometheus.start(new URL(relay.metricsUrl).host);
    const exchanged = exchange().catch((error: unknown) => {
      if (!end.signal.aborted) throw error;
    });
    const answers: string[] = [];
    let unanswered = queries();
    // A rate needs two scrapes, and a percentile a measured frame between them.
    for (let tries = 0; unanswered.length > 0 && tries < MAX_TRIES; tries++) {
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      const left: (typeof unanswered)[number][] = [];
      for (const query of unanswered) {
        const [title, expr] = query;
        const samples = await prometheus.query(filledIn(expr));
        if (isAnswer(samples))
          answers.push(
            ...samples.map(({ metric, value }) => `${title} ${JSON.stringify(metric)} ${value[1]}`),
          );
        else left.push(query);
      }
      unanswered = left;
    }
    // DASHBOARD=1 shows what the panels would.
    if (process.env['DASHBOARD'] !== undefined) console.log(answers.join('\n'));
    expect(unanswered).toEqual([]);
    end.abort();
    await exchanged;
  },
);
