/** A chart as data, written by scripts/diagrams/page-charts.js: what its states mean and which transitions they have. */

export interface ChartTransition {
  /** Class name of its texts in the chart's picture. */
  readonly hook: string;
  /** XState's event type; '' for an eventless transition. */
  readonly event: string;
  /** The event and the guard, as the picture shows them. */
  readonly trigger: string;
  /** Id of a state; null if the state does not change. */
  readonly target: string | null;
  readonly actions: string;
}

export interface ChartState {
  readonly id: string;
  readonly description: string;
  readonly transitions: readonly ChartTransition[];
}

/** Pictures of a chart, or of one of its states, for windows of several shapes: the first that can be read is preferred. */
export interface Pictures {
  readonly of: string;
  readonly layouts: readonly string[];
}

export class ChartData {
  /** The first is of the whole chart. The others are close-ups, for a screen that is too small for that. */
  readonly pictures: readonly Pictures[];
  readonly #states: ReadonlyMap<string, ChartState>;

  constructor(states: readonly ChartState[], pictures: readonly Pictures[] = []) {
    this.#states = new Map(states.map((state) => [state.id, state]));
    this.pictures = pictures;
  }

  /** Ids of the states of which there are close-ups. */
  get closeUps(): readonly string[] {
    return this.pictures.slice(1).map(({ of }) => of);
  }

  /** Ids of all states. */
  get ids(): readonly string[] {
    return [...this.#states.keys()];
  }

  /** @param active ids of the active states, in any order; the innermost is returned first */
  active(active: readonly string[]): readonly ChartState[] {
    return active
      .toSorted((a, b) => b.split('.').length - a.split('.').length)
      .flatMap((id) => this.#states.get(id) ?? []);
  }

  /** What the active states mean, the outermost first. The chart itself has no state of its own. */
  meaning(active: readonly string[]): string {
    return this.active(active)
      .filter(({ id }) => id.includes('.'))
      .map(({ description }) => description)
      .filter((description) => description !== '')
      .toReversed()
      .join(' ');
  }
}

const NOTHING = new ChartData([]);

/** The relay serves the data of each chart with its picture. @returns a chart without states if there is none */
export const loadChartData = async (name: string): Promise<ChartData> => {
  const response = await fetch(`/charts/${name}.json`);
  if (!response.ok) return NOTHING;
  // Built together with the page.
  const data = (await response.json()) as { states: readonly ChartState[]; pictures: readonly Pictures[] };
  return new ChartData(data.states, data.pictures);
};
