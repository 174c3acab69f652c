/**
 * The graph of relay, directory, server and connections together. A state is the list of events that leads to it and the
 * situation observed then. A transition runs the real actors from the start.
 */
import { getAdjacencyMap } from '@xstate/graph';
import type { ActorLogic, Snapshot } from 'xstate';
import type { RelayLogic } from './actor-system.ts';
import { brokenInvariants, unwind } from './joint-invariants.ts';
import { describeJointEvent, type JointEvent, JointRun } from './joint-run.ts';
import { type JointSituation, type ObservationLimits, observe } from './joint-situation.ts';

export interface SystemGraphOptions extends ObservationLimits {
  readonly maxPhones: number;
  readonly relay?: RelayLogic;
}

interface JointState extends JointSituation {
  readonly status: 'active';
  readonly output: undefined;
  readonly error: undefined;
  readonly events: readonly JointEvent[];
}

export interface SystemExploration {
  readonly states: number;
  readonly edges: number;
  /** "binary dials, phone dials, drain → p2: an actor ends once, after it has left"; exploring ends there. */
  readonly violation: string | undefined;
}

/** Exploring fails beyond this many edges: a system that grew without bound would otherwise never finish. */
const MOST_EDGES = 50_000;

export const exploreSystem = (options: SystemGraphOptions): SystemExploration => {
  const unwound = new Set<string>();
  let violation: string | undefined;
  const run = (events: readonly JointEvent[]): JointState => {
    const joint = new JointRun(options.maxPhones, options.relay);
    for (const event of events) joint.perform(event);
    const seen = observe(joint, options);
    const violations = brokenInvariants(joint, options.maxPhones);
    if (violations.length === 0 && !joint.wasStoppedByDeadline && !unwound.has(seen.exactKey)) {
      unwound.add(seen.exactKey);
      violations.push(...unwind(joint), ...brokenInvariants(joint, options.maxPhones));
    }
    joint.system.stop();
    if (violations.length > 0)
      violation ??= `${events.map(describeJointEvent).join(', ')} → ${violations.join('; ')}`;
    const offers = violation === undefined ? seen.offers : [];
    return { ...seen, offers, events, status: 'active', output: undefined, error: undefined };
  };
  const logic: ActorLogic<JointState & Snapshot<undefined>, JointEvent> = {
    getInitialSnapshot: () => run([]),
    transition: ({ events }, event) => run([...events, event]),
    getPersistedSnapshot: (state) => state,
  };
  const map = getAdjacencyMap(logic, {
    events: ({ offers }) => [...offers],
    serializeState: ({ key }) => key,
    serializeEvent: describeJointEvent,
    limit: MOST_EDGES,
  });
  const nodes = Object.values(map);
  const edges = nodes.reduce((sum, { transitions }) => sum + Object.keys(transitions).length, 0);
  return { states: nodes.length, edges, violation };
};
