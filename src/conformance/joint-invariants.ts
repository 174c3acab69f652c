/** Invariants of relay, directory, server and connections in every situation that they can reach together. */
import { isOpen, isWaiting } from '../machines/connection-view.ts';
import { liveBinary } from '../machines/server-view.ts';
import { maxClosing } from '../protocol/limits.ts';
import { RELAY } from './actor-system.ts';
import { connectionActor, type JointRun, type Life } from './joint-run.ts';
import { situationOf } from './server-graph.ts';

interface Invariant {
  readonly name: string;
  /** The connections that violate it. */
  readonly broken: (run: JointRun, maxPhones: number) => readonly string[];
}

const phonesOf = ({ server }: JointRun): readonly string[] => server?.context.phones ?? [];
const lineOf = ({ server }: JointRun): readonly string[] => server?.context.claimants ?? [];
const holderOf = ({ server }: JointRun): string | null => (server === undefined ? null : liveBinary(server));

const living = (run: JointRun) =>
  [...run.lives].flatMap(([connId, life]) => {
    const snapshot = run.system.connections.get(connId)?.getSnapshot();
    return snapshot === undefined ? [] : [{ connId, life, snapshot }];
  });

const ownersWhere = (run: JointRun, isBroken: (life: Life, isAlive: boolean) => boolean): string[] =>
  [...run.lives].flatMap(([connId, life]) =>
    isBroken(life, run.system.connections.has(connId)) ? [connId] : [],
  );

/** The server decided these closes, or the binary asked for them. No notice is due. */
const SILENT_CAUSES: ReadonlySet<string> = new Set([
  'directive',
  'reclaimed',
  'expired',
  'shutdown',
  'displaced',
]);
/** The phone may still have frames in transit when it leaves, so the notice waits for the end of its socket. */
const LATE_CAUSES: ReadonlySet<string> = new Set(['peer', 'unheard']);

/** Whether a notice about it is still due, provided that its binary stays. */
export const awaitsNotice = ({ role, departures: [cause], ends }: Life): boolean =>
  role === 'phone' && cause !== undefined && LATE_CAUSES.has(cause) && ends === 0;

const noticesDue = ({ role, departures, ends, wasHeldAtDeparture, wasHeldAtEnd }: Life): number => {
  const [cause] = departures;
  if (role === 'binary' || cause === undefined || SILENT_CAUSES.has(cause)) return 0;
  if (LATE_CAUSES.has(cause)) return ends > 0 && wasHeldAtEnd ? 1 : 0;
  return wasHeldAtDeparture ? 1 : 0;
};

const INVARIANTS: readonly Invariant[] = [
  {
    name: 'every listed phone and holder has an open connection',
    broken: (run) => {
      const holder = holderOf(run);
      const listed = [...phonesOf(run), ...(holder === null ? [] : [holder])];
      return listed.filter((connId) => {
        const snapshot = run.system.connections.get(connId)?.getSnapshot();
        return snapshot === undefined || !isOpen(snapshot);
      });
    },
  },
  {
    name: 'every claimant in line has a waiting connection',
    broken: (run) =>
      lineOf(run).filter((connId) => {
        const snapshot = run.system.connections.get(connId)?.getSnapshot();
        return snapshot === undefined || !isWaiting(snapshot);
      }),
  },
  {
    name: 'every open connection is listed under its role, and every waiting one is in line',
    broken: (run) =>
      living(run).flatMap(({ connId, life: { role }, snapshot }) => {
        const isListed = role === 'phone' ? phonesOf(run).includes(connId) : holderOf(run) === connId;
        const isAstray =
          (isOpen(snapshot) && !isListed) ||
          (isWaiting(snapshot) && (role === 'phone' || !lineOf(run).includes(connId)));
        return isAstray ? [connId] : [];
      }),
  },
  {
    name: 'at most one binary is open',
    broken: (run) => {
      const open = living(run).filter(({ life, snapshot }) => life.role === 'binary' && isOpen(snapshot));
      return open.length > 1 ? open.map(({ connId }) => connId) : [];
    },
  },
  {
    name: 'never more open phones than the cap',
    broken: (run, maxPhones) => {
      const open = living(run).filter(({ life, snapshot }) => life.role === 'phone' && isOpen(snapshot));
      return open.length > maxPhones ? open.map(({ connId }) => connId) : [];
    },
  },
  {
    name: 'accepts - ends = connected, for each role',
    broken: (run) =>
      (['binary', 'phone'] as const).filter((role) => {
        const lives = [...run.lives.values()].filter((life) => life.role === role);
        const accepts = lives.reduce((sum, { admissions }) => sum + admissions, 0);
        const ends = lives.reduce((sum, { departures }) => sum + departures.length, 0);
        const open = living(run).filter(({ life, snapshot }) => life.role === role && isOpen(snapshot));
        return accepts - ends !== open.length;
      }),
  },
  {
    name: 'a connection is admitted or refused once, and leaves only if admitted',
    broken: (run) =>
      ownersWhere(
        run,
        ({ admissions, refusals, departures }) => admissions + refusals > 1 || departures.length > admissions,
      ),
  },
  {
    name: 'an actor ends once, after it has left',
    broken: (run) =>
      ownersWhere(
        run,
        ({ admissions, departures, ends }, isAlive) =>
          ends !== (isAlive ? 0 : 1) || (!isAlive && departures.length !== admissions),
      ),
  },
  {
    name: 'a due notice is sent once, and only to the binary of that phone',
    broken: (run) =>
      ownersWhere(run, (life) => {
        const { noticesAt, binaryId } = life;
        return noticesAt.length !== noticesDue(life) || noticesAt.some((connId) => connId !== binaryId);
      }),
  },
  {
    name: 'no more are closing than may be open, until a drain',
    broken: ({ closing, system }, maxPhones) =>
      system.phase === 'serving' && closing.length > maxClosing(maxPhones) ? closing : [],
  },
  {
    name: 'only the oldest of too many closing connections is cut short',
    broken: (run) => ownersWhere(run, ({ wasCutOutOfTurn }) => wasCutOutOfTurn),
  },
  { name: 'no event is lost and no actor throws', broken: ({ faults }) => faults },
  {
    name: 'a relay drains exactly while a connection is left',
    broken: ({ system }) =>
      (system.phase === 'draining') === system.connections.size > 0 || system.phase === 'serving'
        ? []
        : [system.phase],
  },
  {
    name: 'a server actor that is unclaimed or released has ended',
    broken: ({ server }) =>
      server !== undefined && ['unclaimed', 'released'].includes(situationOf(server).slot)
        ? [situationOf(server).slot]
        : [],
  },
];

/** "p3: never more open phones than the cap" */
export const brokenInvariants = (run: JointRun, maxPhones: number): string[] => {
  // At the drain deadline the relay stops with open connections. Its actors stop too and emit nothing more.
  if (run.wasStoppedByDeadline) return [];
  return INVARIANTS.flatMap(({ name, broken }) => {
    const who = broken(run, maxPhones);
    return who.length === 0 ? [] : [`${who.join(', ')}: ${name}`];
  });
};

/** More than any connection or server needs to reach its end. */
const MOST_ROUNDS = 200;

/**
 * Lets all timers fire while the peers stay silent. Every connection and server must end, the relay must keep serving, and
 * it must stop as soon as it is drained.
 */
export const unwind = (run: JointRun): string[] => {
  const { system, timers, lives } = run;
  for (let round = 0; round < MOST_ROUNDS && system.connections.size + system.servers.size > 0; round++) {
    const cut = [...system.connections.keys()].find((connId) => lives.get(connId)?.isCut);
    // Closing connections first, so that their servers still exist when they end.
    const closing = [...system.connections].filter(([, ref]) => !isOpen(ref.getSnapshot()));
    const next = [...closing.map(([connId]) => connectionActor(connId)), ...timers.actorIds].find(
      (actorId) => actorId !== RELAY && timers.actorIds.includes(actorId),
    );
    if (cut !== undefined) {
      run.perform({ type: 'report', connId: cut, event: { type: 'socket.ended', closeCode: 1006 } });
    } else if (next === undefined) {
      break;
    } else {
      run.perform({ type: 'timer', actorId: next });
    }
  }
  const left = [...system.connections.keys()].map(connectionActor).concat([...system.servers.keys()]);
  if (left.length > 0) return [`${left.join(', ')}: everything ends by its own timers`];
  if (!system.hasStopped) system.drain();
  return system.hasStopped ? [] : ['a relay that drains without connections stops at once'];
};
