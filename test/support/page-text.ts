/** What a reader can read of a page: texts that are clipped, that overlap, or that are too pale. Run in the browser. */
import type { Page } from 'playwright-core';

/** Texts of the chart in this figure that leave its frame, and pairs that overlap by more than a pixel. */
export const badLabels = async (page: Page, figure: string): Promise<readonly string[]> =>
  await page.evaluate<readonly string[]>(`(() => {
    const frame = document.querySelector('${figure} .chart-frame');
    const outer = frame.getBoundingClientRect();
    const texts = [...frame.querySelectorAll('svg text')].map((text) => ({
      words: text.firstChild?.textContent ?? '',
      box: text.getBoundingClientRect(),
      shape: text.closest('.state')?.querySelector(':scope > .box, :scope > .group')?.getBoundingClientRect(),
    }));
    const slack = 1;
    const leaves = (box, around) =>
      box.left < around.left - slack || box.right > around.right + slack ||
      box.top < around.top - slack || box.bottom > around.bottom + slack;
    const bad = [];
    for (const [i, { words, box, shape }] of texts.entries()) {
      if (box.width < 4 || box.height < 4) bad.push(words + ': too small to read');
      if (leaves(box, outer)) bad.push(words + ': outside of the frame');
      if (shape !== undefined && leaves(box, shape)) bad.push(words + ': outside of its box');
      for (const other of texts.slice(i + 1)) {
        const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        // The boxes of lines of text include their leading.
        if (width > slack && height > box.height * 0.3) bad.push(words + ': over ' + other.words);
      }
    }
    return [texts.length === 0 ? 'no texts' : '', ...bad].filter((text) => text !== '');
  })()`);

/** Texts whose colour has a contrast of less than 4.5 with what is behind them, WCAG 2.2 section 1.4.3. */
export const paleTexts = async (page: Page): Promise<readonly string[]> =>
  await page.evaluate<readonly string[]>(`(() => {
    const LEAST = 4.5;
    const channels = (colour) => (colour.match(/[\\d.]+/g) ?? []).map(Number);
    const isClear = (colour) => colour === 'none' || colour === 'transparent' || channels(colour)[3] === 0;
    const luminance = (colour) => {
      const [r, g, b] = channels(colour).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const contrast = (one, other) => {
      const [dark, light] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    const groundOf = (element) => {
      for (let at = element; at !== null; at = at.parentElement) {
        if (at instanceof SVGElement) {
          const style = getComputedStyle(at);
          const before = at.previousElementSibling;
          if (before?.classList.contains('pill')) return getComputedStyle(before).fill;
          // A text with an outline stands on it.
          if (at instanceof SVGTextElement && !isClear(style.stroke) && parseFloat(style.strokeWidth) > 1) return style.stroke;
          const shape = at.querySelector(':scope > .box, :scope > .group, :scope > rect:not(.row)');
          if (shape !== null && !isClear(getComputedStyle(shape).fill)) return getComputedStyle(shape).fill;
          continue;
        }
        const { backgroundColor } = getComputedStyle(at);
        if (!isClear(backgroundColor)) return backgroundColor;
      }
      return 'rgb(255, 255, 255)';
    };
    const bad = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let count = 0;
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (node.textContent.trim() === '' || parent === null || !parent.checkVisibility({ visibilityProperty: true })) continue;
      if (['TITLE', 'title', 'OPTION', 'desc'].includes(parent.tagName)) continue;
      count++;
      const style = getComputedStyle(parent);
      const ink = parent instanceof SVGElement ? style.fill : style.color;
      const ground = groundOf(parent);
      const ratio = contrast(ink, ground) ;
      if (!(ratio >= LEAST)) bad.push(node.textContent.trim() + ': ' + ink + ' on ' + ground + ', ' + ratio.toFixed(2));
    }
    return [...new Set([count < 20 ? 'only ' + count + ' texts' : '', ...bad])].filter((text) => text !== '');
  })()`);
