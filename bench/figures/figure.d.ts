/** Types of a figure. Each file in this folder measures one figure; `index.js` lists them. */
export interface Target {
  readonly name: string;
  /** Measured value. */
  readonly value: number;
  /** Upper limit for `value`. */
  readonly limit: number;
  readonly unit?: string;
}

/** A grouped bar chart: one group per label, one bar per series. */
export interface Plot {
  /** File name within docs/performance. */
  readonly file: string;
  readonly title: string;
  readonly unit: string;
  readonly labels: readonly string[];
  readonly series: readonly { readonly name: string; readonly values: readonly (number | null)[] }[];
}

export interface Result {
  readonly columns: readonly string[];
  /** A cell is null if the peer does not support the measurement. */
  readonly rows: readonly (readonly (string | number | null)[])[];
  readonly targets: readonly Target[];
  readonly plots?: readonly Plot[];
  readonly notes?: readonly string[];
}

export interface Bench {
  /** A short run that only checks that everything works. Its numbers are meaningless. */
  readonly quick: boolean;
  readonly progress: (doing: string) => void;
}

export interface Figure {
  /** Name for `--only`. */
  readonly id: string;
  readonly title: string;
  readonly run: (bench: Bench) => Promise<Result>;
}
