/** Runs planted faults against layers of tests. A fault that every layer lets pass shows what the tests do not test. */

export interface Layer<T> {
  readonly name: string;
  /** What it found wrong: returned, or thrown. */
  readonly find: (subject: T) => string | undefined | void | Promise<string | undefined | void>;
}

export interface Mutant<T> {
  /** "the cap lets one phone too many in" */
  readonly name: string;
  readonly subject: T;
}

export interface Kill {
  readonly layer: string;
  /** What the layer found. */
  readonly how: string;
}

export interface Verdict {
  readonly mutant: string;
  /** Undefined if it survived every layer. */
  readonly kill: Kill | undefined;
}

const findIn = async <T>({ find }: Layer<T>, subject: T): Promise<string | undefined> => {
  try {
    return (await find(subject)) ?? undefined;
  } catch (error) {
    // A fault may well make a chart throw, or its graph grow without bound.
    return error instanceof Error ? error.message : String(error);
  }
};

/** The first layer that finds the fault. Give the cheapest first. */
export const killedBy = async <T>(subject: T, layers: readonly Layer<T>[]): Promise<Kill | undefined> => {
  for (const layer of layers) {
    const how = await findIn(layer, subject);
    if (how !== undefined) return { layer: layer.name, how };
  }
  return undefined;
};

/** @throws if a layer finds something wrong with the original: it would "kill" every mutant */
export const runMutants = async <T>(
  original: T,
  mutants: readonly Mutant<T>[],
  layers: readonly Layer<T>[],
): Promise<Verdict[]> => {
  const fault = await killedBy(original, layers);
  if (fault !== undefined) throw new Error(`without a planted fault, "${fault.layer}" finds: ${fault.how}`);
  const verdicts: Verdict[] = [];
  for (const { name, subject } of mutants) {
    verdicts.push({ mutant: name, kill: await killedBy(subject, layers) });
  }
  return verdicts;
};
