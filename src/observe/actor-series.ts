/** How many actors there are, by machine and state. The states are those of the charts, so none is missing here. */
import { Gauge, type Registry } from 'prom-client';
import type { StateValue } from 'xstate';
import { connectionMachine } from '../machines/connection-machine.ts';
import { pushMachine } from '../machines/push-machine.ts';
import { relayMachine } from '../machines/relay-machine.ts';
import { serverMachine } from '../machines/server-machine.ts';
import { wakeMachine } from '../machines/wake-machine.ts';
import { PREFIX } from './own-series.ts';
import type { Actors, Machine } from './readings.ts';

interface Node {
  readonly states: Readonly<Record<string, Node>>;
}
/** A state of a chart, and how many actors are in it. Kept as a tree: to join names for each of 30,000 actors takes long. */
class Count {
  readonly name: string;
  readonly inner: ReadonlyMap<string, Count>;
  actors = 0;

  constructor({ states }: Node, name = '') {
    this.name = name;
    const inner = Object.entries(states);
    const prefix = name === '' ? '' : `${name}.`;
    this.inner = new Map(inner.map(([key, state]) => [key, new Count(state, `${prefix}${key}`)]));
  }

  /** Counts an actor in the state that is active. These charts have no parallel states: there is one. */
  add(value: StateValue): void {
    if (typeof value === 'string') {
      const count = this.inner.get(value);
      if (count !== undefined) count.actors++;
      return;
    }
    for (const name in value) {
      const inside = value[name];
      if (inside !== undefined) this.inner.get(name)?.add(inside);
    }
  }

  /** Calls `each` for every state without states of its own, and starts anew. */
  take(each: (state: string, actors: number) => void): void {
    if (this.inner.size === 0) each(this.name, this.actors);
    this.actors = 0;
    for (const count of this.inner.values()) count.take(each);
  }
}

export const addActors = (registry: Registry, read: () => Actors): void => {
  const counts: Readonly<Record<Machine, Count>> = {
    relay: new Count(relayMachine),
    server: new Count(serverMachine),
    connection: new Count(connectionMachine),
    push: new Count(pushMachine),
    wake: new Count(wakeMachine),
  };
  const gauge: Gauge<'machine' | 'state'> = new Gauge({
    name: `${PREFIX}actors`,
    help: 'Actors, by the machine that they run and the state that they are in.',
    labelNames: ['machine', 'state'],
    registers: [registry],
    collect: () => {
      const actors = read();
      for (const machine of ['relay', 'server', 'connection', 'push', 'wake'] as const) {
        const count = counts[machine];
        for (const actor of actors[machine]) count.add(actor.getSnapshot().value);
        count.take((state, number) => gauge.set({ machine, state }, number));
      }
    },
  });
};
