/**
 * Mouse, touch and keyboard on a chart: drag to pan, pinch, double click or Ctrl and wheel to zoom, `+` `-` `0` and
 * arrow keys.
 */
import type { ChartWindow } from './chart-window.ts';

const KEY_ZOOM = 1.3;
const KEY_PAN = 80;
const WHEEL = 0.002;
/** A pointer that has moved less has clicked. */
const DRAG_THRESHOLD = 4;

interface Point {
  readonly x: number;
  readonly y: number;
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/**
 * @param view the current window, if the chart is there
 * @param moved called when the user has chosen another part
 */
export const listenToGestures = (
  figure: HTMLElement,
  view: () => ChartWindow | undefined,
  moved: () => void,
): void => {
  const pointers = new Map<number, Point>();
  let isDragging = false;
  const inFigure = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = figure.getBoundingClientRect();
    return { x: clientX - left, y: clientY - top };
  };

  figure.addEventListener(
    'wheel',
    (event) => {
      // The wheel alone scrolls the page. A pinch on a touch pad comes as a wheel with Ctrl.
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      view()?.zoom(Math.exp(-event.deltaY * WHEEL), inFigure(event), true);
      moved();
    },
    { passive: false },
  );
  figure.addEventListener('dblclick', (event) => {
    view()?.zoomIn(KEY_ZOOM, inFigure(event));
    moved();
  });
  figure.addEventListener('pointerdown', (event) => {
    if (event.button !== 0 || (event.target as Element).closest('button') !== null) return; // The target of a pointer event.
    pointers.set(event.pointerId, inFigure(event));
    isDragging = false;
  });
  figure.addEventListener('pointermove', (event) => {
    const before = pointers.get(event.pointerId);
    const window = view();
    if (before === undefined || window === undefined) return;
    // A finger on a chart that is wholly in view scrolls the page.
    if (event.pointerType === 'touch' && pointers.size === 1 && window.isFitted) return;
    const now = inFigure(event);
    if (!isDragging && distance(before, now) < DRAG_THRESHOLD) return;
    if (!isDragging) figure.setPointerCapture(event.pointerId);
    isDragging = true;
    const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other === undefined) window.pan(now.x - before.x, now.y - before.y);
    else {
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      window.zoom(distance(now, other) / Math.max(1, distance(before, other)), middle, true);
    }
    pointers.set(event.pointerId, now);
    moved();
  });
  for (const type of ['pointerup', 'pointercancel'] as const) {
    figure.addEventListener(type, (event) => pointers.delete(event.pointerId));
  }
  figure.addEventListener('keydown', (event) => {
    const window = view();
    if (window === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Readonly<Record<string, () => void>> = {
      '+': () => window.zoomIn(KEY_ZOOM),
      '=': () => window.zoomIn(KEY_ZOOM),
      '-': () => window.zoom(1 / KEY_ZOOM),
      '0': () => window.fit(),
      ...(event.target === figure && {
        ArrowLeft: () => window.pan(KEY_PAN, 0, false),
        ArrowRight: () => window.pan(-KEY_PAN, 0, false),
        ArrowUp: () => window.pan(0, KEY_PAN, false),
        ArrowDown: () => window.pan(0, -KEY_PAN, false),
      }),
    };
    const action = actions[event.key];
    if (action === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    action();
    moved();
  });
};
