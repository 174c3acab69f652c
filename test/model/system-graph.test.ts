/**
 * Server and connections explored together with relay and directory. `mutants.test.ts` shows that faults in any of them are
 * found: the layer "invariants of all actors together".
 */
import { expect, test } from 'vitest';
import { exploreSystem } from '../../src/conformance/system-graph.ts';

test.each([
  { maxPhones: 1, mostInLine: 1, mostConnections: 2, tellsClosingsApart: true, states: 918, edges: 11467 },
  { maxPhones: 1, mostInLine: 2, mostConnections: 4, tellsClosingsApart: false, states: 201, edges: 3854 },
  { maxPhones: 2, mostInLine: 2, mostConnections: 5, tellsClosingsApart: false, states: 419, edges: 9693 },
])(
  'cap $maxPhones, $mostInLine in line, $mostConnections connections: $states situations, $edges edges',
  ({ states, edges, ...options }) => {
    const explored = exploreSystem(options);
    console.log(`cap ${options.maxPhones}: ${explored.states} situations, ${explored.edges} edges`);
    expect(explored).toEqual({ states, edges, violation: undefined });
  },
);
