/**
 * The table that says what each event must do: the oracle. It is written from the specification, never from the chart,
 * because a chart that is tested against itself proves nothing.
 */

export interface OracleRow<S, X> {
  readonly event: string;
  /** Whether the row speaks of this situation; a row without one does of all. The first row that does counts. */
  readonly when?: (at: S) => boolean;
  readonly expected: X;
}

/** What the table is asked about: an event in a situation. */
export interface Question<S> {
  readonly event: string;
  readonly from: S;
}

export class Oracle<S, X> {
  readonly #rows: readonly OracleRow<S, X>[];

  constructor(rows: readonly OracleRow<S, X>[]) {
    this.#rows = rows;
  }

  #find(event: string, at: S): OracleRow<S, X> | undefined {
    return this.#rows.find((row) => row.event === event && (row.when?.(at) ?? true));
  }

  /** @throws if no row applies: the table is incomplete */
  expect(event: string, at: S): X {
    const row = this.#find(event, at);
    if (row === undefined) throw new Error(`the table has no row for "${event}" in ${JSON.stringify(at)}`);
    return row.expected;
  }

  /** The edges of a graph for which the table has no row. */
  undecided<Q extends Question<S>>(edges: readonly Q[]): Q[] {
    return edges.filter(({ event, from }) => this.#find(event, from) === undefined);
  }

  /** The rows that no edge needs: a mistake in the table, or a situation that the graph does not reach. */
  unused(edges: readonly Question<S>[]): OracleRow<S, X>[] {
    const used = new Set(edges.map(({ event, from }) => this.#find(event, from)));
    return this.#rows.filter((row) => !used.has(row));
  }
}
