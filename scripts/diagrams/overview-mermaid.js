/** The overview (which part creates and notifies which) as Mermaid text. */
import { PARTS, RELATIONS, relationWords } from './relations.js';

const parts = PARTS.map(({ id, description, isActor }) => {
  const text = `"${id}<br>${description}"`;
  return isActor ? `${id}(${text})` : `${id}[${text}]`;
});

const relations = RELATIONS.map((relation) => {
  const line = relation.how === 'creates' ? '==>' : relation.how === 'tells' ? '-->' : '-.->';
  return `${relation.from} ${line}|"${relationWords(relation)}"| ${relation.to}`;
});

export const overviewMermaid = `${['flowchart TB', ...parts, ...relations].join('\n  ')}\n`;
