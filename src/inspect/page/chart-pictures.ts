/**
 * The pictures of a chart, and which of them suits a window: the whole chart, or, where that is too small to read, a close-up of
 * one of its states, with the others folded around it. Each is drawn for windows of several shapes.
 */
import type { ChartData, Pictures } from './chart-data.ts';
import { ChartPicture } from './chart-picture.ts';
import { fittingScale, type Size } from './chart-window.ts';

/** A small chart leaves room for what stands below it. */
const MOST_STRETCH = 1.05;

const isLegible = ({ full, legibleScale }: ChartPicture, room: Size): boolean =>
  fittingScale(full, room) >= legibleScale;

/** The first that can be read, otherwise the one that is nearest to it. */
const suitingOf = (pictures: readonly ChartPicture[], room: Size): ChartPicture | undefined => {
  const nearness = ({ full, legibleScale }: ChartPicture): number => fittingScale(full, room) / legibleScale;
  return (
    pictures.find((picture) => isLegible(picture, room)) ??
    pictures.toSorted((a, b) => nearness(b) - nearness(a))[0]
  );
};

const loadLayouts = async ({ of, layouts }: Pictures, label: string): Promise<readonly ChartPicture[]> => {
  const loaded = await Promise.all(
    layouts.map(async (layout) => await ChartPicture.load(`${of}-${layout}`, label)),
  );
  return loaded.filter((picture) => picture !== undefined);
};

export class ChartPictures {
  readonly #whole: readonly ChartPicture[];
  readonly #closeUps: ReadonlyMap<string, readonly ChartPicture[]>;

  private constructor(
    whole: readonly ChartPicture[],
    closeUps: ReadonlyMap<string, readonly ChartPicture[]>,
  ) {
    this.#whole = whole;
    this.#closeUps = closeUps;
  }

  static async load({ pictures }: ChartData, label: string): Promise<ChartPictures> {
    const [whole = [], ...closeUps] = await Promise.all(
      pictures.map(async (each) => await loadLayouts(each, label)),
    );
    return new ChartPictures(whole, new Map(pictures.slice(1).map(({ of }, i) => [of, closeUps[i] ?? []])));
  }

  get all(): readonly ChartPicture[] {
    return [this.#whole, ...this.#closeUps.values()].flat();
  }

  /** Whether it is not a close-up. */
  isWhole(picture: ChartPicture): boolean {
    return this.#whole.includes(picture);
  }

  /** Whether there are close-ups, and they are needed. */
  needsCloseUps(room: Size): boolean {
    return this.#closeUps.size > 0 && !this.#whole.some((picture) => isLegible(picture, room));
  }

  /** @param room the width of the window, and how high it may be @param subject the state of a close-up; the whole chart if none */
  suiting(room: Size, subject: string | undefined): ChartPicture | undefined {
    const isWhole = subject === undefined || !this.needsCloseUps(room);
    return suitingOf((isWhole ? undefined : this.#closeUps.get(subject)) ?? this.#whole, room);
  }

  /** How high the window is. With one close-up it is as high as with the others: what stands below it does not move. */
  heightOf(room: Size, subject: string | undefined): number {
    const isWhole = subject === undefined || !this.needsCloseUps(room);
    const subjects = isWhole ? [undefined] : [...this.#closeUps.keys()];
    const heights = subjects.map((each) => {
      const full = this.suiting(room, each)?.full ?? { width: 1, height: 0 };
      return full.height * Math.min(fittingScale(full, room), MOST_STRETCH);
    });
    return Math.ceil(Math.max(...heights));
  }
}
