/** A counter-example as a person reads it: one line per event, and the T-SQL of every batch that was sent. */

import { batchFor } from '../../sql/statement/batch-for.ts';
import { invariantTexts } from './breach.ts';
import type { CounterExample, TraceLine } from './explore.ts';
import { migration } from './start.ts';

/** The timeline as Markdown. */
export function timeline(example: CounterExample, title: string): string {
  const lines = example.trace.map((line, index) => `${index + 1}. ${line.label}`);
  return [
    `# ${title}`,
    '',
    `${example.invariant} falls after ${example.trace.length} events: ${example.what}.`,
    `(${example.invariant}: ${invariantTexts[example.invariant]})`,
    '',
    ...lines,
    '',
    'The batches as they are sent, their guards inside:',
    '',
    ...batches(example.trace),
  ].join('\n');
}

/** Every batch of the timeline once, as it was sent. */
function batches(trace: readonly TraceLine[]): readonly string[] {
  const texts = new Map<string, string>();
  for (const { act } of trace) {
    if (act === null) continue;
    const name = `${act.kind} on the ${act.side}`;
    if (!texts.has(name)) texts.set(name, batchFor(act, migration).text);
  }
  return [...texts].flatMap(([name, text]) => [`## ${name}`, '', '```sql', text, '```', '']);
}
