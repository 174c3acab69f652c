/**
 * A difference from the Go relay that a peer can see: its row in docs/differences.md, and how the command tells one side from
 * the other. The profiles and the document are both held to this table.
 */
import type { Row } from '../expectations.ts';
import type { Edge } from '../server-graph.ts';
import type { Asker } from './asker.ts';

/** Headings of docs/differences.md. */
export type Section = 'Messages' | 'Closing' | 'Claims' | 'Slow and flooding peers' | 'Before the upgrade';

/** What a relay of the Go profile may do now and then, on any path. */
export type Allowance =
  /** It registers a peer some time after its 101, or frees a place some time after its phone: who comes early dials again. */
  | 'dials again'
  /** It may drop TCP where a close frame is due. A path that always sees it fails. */
  | 'drops TCP';

/** Something to ask a target that no path shows. */
export interface Question {
  /**
   * What was seen, in the words of `go` and `here` if it is one of these.
   * @throws if the target does not upgrade a dial that every relay must
   */
  readonly ask: (asker: Asker) => Promise<string>;
  readonly go: string;
  readonly here: string;
}

export interface Difference {
  /** What `--only` takes. */
  readonly id: string;
  readonly section: Section;
  /** The cells of its row. */
  readonly what: string;
  readonly go: string;
  readonly here: string;
  readonly why: string;
  /** What the Go profile expects on the paths, in place of the strict rows for the same events. */
  readonly rows?: readonly Row[];
  /** Steps that the Go relay leaves open. Paths with them are skipped in its profile. */
  readonly leavesOpen?: (step: Edge) => boolean;
  readonly allows?: Allowance;
  readonly question?: Question;
}

/** One with a question. */
export interface Asked extends Pick<Difference, 'id' | 'what'> {
  readonly question: Question;
}

/** Its row in docs/differences.md. */
export const rowOf = ({ what, go, here, why }: Difference): string =>
  `| ${what} | ${go} | ${here} | ${why} |`;
