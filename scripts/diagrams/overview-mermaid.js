/** The overview (which part creates and tells which) as Mermaid text. */
import { PARTS, RELATIONS, relationKind } from './relations.js';

const parts = PARTS.map(({ id, description, isActor }) => {
  const text = `"${id}<br>${description}"`;
  return isActor ? `${id}(${text})` : `${id}[${text}]`;
});

const relations = RELATIONS.map((relation) => {
  const { from, to, how, events, steps = {} } = relation;
  const line = how === 'creates' ? '==>' : how === 'tells' ? '-->' : '-.->';
  const numbered = (events.length > 0 ? events : ['']).map((event) =>
    event in steps ? `${steps[event]}. ${event}`.trim() : event,
  );
  const words = [relationKind(relation), numbered.join(', ')].filter((text) => text !== '').join(': ');
  return `${from} ${line}|"${words}"| ${to}`;
});

export const overviewMermaid = `${['flowchart TB', ...parts, ...relations].join('\n  ')}\n`;
