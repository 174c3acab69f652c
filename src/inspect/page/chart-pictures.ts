/** The two pictures of a chart, one from left to right and one from top to bottom, and which of them suits a window. */
import { ChartPicture } from './chart-picture.ts';
import { fittingScale, LEGIBLE_SCALE, type Size } from './chart-window.ts';

export class ChartPictures {
  readonly #wide: ChartPicture | undefined;
  readonly #tall: ChartPicture | undefined;

  private constructor(wide: ChartPicture | undefined, tall: ChartPicture | undefined) {
    this.#wide = wide;
    this.#tall = tall;
  }

  static async load(name: string, label: string): Promise<ChartPictures> {
    const [wide, tall] = await Promise.all([
      ChartPicture.load(`${name}-wide`, label),
      ChartPicture.load(`${name}-tall`, label),
    ]);
    return new ChartPictures(wide, tall);
  }

  get all(): readonly ChartPicture[] {
    return [this.#wide, this.#tall].filter((picture) => picture !== undefined);
  }

  /**
   * The wide one where it can be read, because it leaves room for what stands below it; otherwise the one that is larger.
   * @param room the width of the window, and how high it may be
   */
  suiting(room: Size): ChartPicture | undefined {
    const [wide, tall] = [this.#wide, this.#tall];
    if (wide === undefined || tall === undefined) return wide ?? tall;
    const scale = fittingScale(wide.size, room);
    return scale >= LEGIBLE_SCALE || scale >= fittingScale(tall.size, room) ? wide : tall;
  }
}
