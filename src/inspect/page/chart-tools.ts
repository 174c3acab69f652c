/** The buttons above a chart. */
import { element } from './dom.ts';

export interface ChartTools {
  readonly bar: HTMLElement;
  /** Adds a button. */
  readonly add: (text: string, label: string, act: () => void) => HTMLElement;
}

/** @param figure whose caption stands beside them */
export const chartTools = (figure: HTMLElement): ChartTools => {
  const tools = element('div', '', 'chart-tools');
  const bar = element('div', '', 'chart-bar');
  bar.append(figure.querySelector('figcaption') ?? element('figcaption'), tools);
  const add = (text: string, label: string, act: () => void): HTMLElement => {
    const button = element('button', text);
    button.setAttribute('type', 'button');
    button.setAttribute('aria-label', label);
    button.title = label;
    button.addEventListener('click', act);
    tools.append(button);
    return button;
  };
  return { bar, add };
};
