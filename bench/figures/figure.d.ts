/** What a figure is. Each file beside this one is one; `index.js` lists them. */
export interface Target {
  readonly name: string;
  /** As measured. */
  readonly value: number;
  /** The most it may be. */
  readonly limit: number;
  readonly unit?: string;
}

/** Bars in groups: one group a label, one bar a series. */
export interface Plot {
  /** Below docs/performance. */
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export interface Result {
  readonly columns: readonly string[];
  /** Null where a peer cannot do a thing. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly targets: readonly Target[];
  readonly plots?: readonly Plot[];
  readonly notes?: readonly string[];
}

export interface Bench {
  /** A run that only shows that everything works: its numbers mean nothing. */
  readonly quick: boolean;
  readonly progress: (doing: string) => void;
}

export interface Figure {
  /** For `--only`. */
  readonly id: string;
  readonly title: string;
  readonly run: (bench: Bench) => Promise<Result>;
}
