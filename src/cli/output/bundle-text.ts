/** The support bundle as one text: what is inside, what was taken out, then the parts. Pure. */

import { redact } from '../redact.ts';
import type { Redaction } from '../redact.ts';
import { counted } from './format.ts';

/** One part of the bundle. */
export interface BundlePart {
  /** One word, for the table of contents. */
  readonly name: string;
  /** What it is, one sentence. */
  readonly about: string;
  readonly text: string;
}

/** What the bundle is made from. */
export interface BundleOptions {
  /** Lines that say whose bundle this is. */
  readonly title: readonly string[];
  readonly parts: readonly BundlePart[];
  readonly redaction: Redaction;
}

/** Longest part, in lines: the newest lines stay. */
const PART_LINES = 20_000;

/** The text; everything in it went through the redaction, the title too. */
export function bundleText({ title, parts, redaction }: BundleOptions): string {
  const hidden = { secrets: 0, names: 0 };
  const clean = (text: string): string => {
    const result = redact(text, redaction);
    hidden.secrets += result.secretPlaces;
    hidden.names += result.namePlaces;
    return result.text;
  };
  const bodies = parts.map((part) => ({ ...part, lines: shortened(clean(part.text)) }));
  const head = title.map(clean);
  const names =
    redaction.names.size === 0
      ? 'Names of servers and databases are as they are (--redact-names replaces them).'
      : `Names of servers and databases were replaced in ${counted(hidden.names, 'place')}; one name has one replacement everywhere.`;
  const opening = [
    'sqlferry support bundle',
    ...head,
    '',
    `Passwords and what looks like one were taken out in ${counted(hidden.secrets, 'place')}.`,
    names,
    'It is plain text: read it before you send it.',
    '',
    'Inside:',
  ];
  let line = opening.length + bodies.length + 2;
  const width = Math.max(...bodies.map(({ name }) => name.length));
  const contents = bodies.map(({ name, about, lines }) => {
    const entry = `  line ${String(line).padStart(6)}  ${name.padEnd(width)}  ${about}`;
    line += lines.length + 4;
    return entry;
  });
  const sections = bodies.flatMap(({ name, about, lines }) => [
    rule(name),
    about,
    '',
    ...lines,
    '',
  ]);
  return `${[...opening, ...contents, '', ...sections].join('\n')}\n`;
}

function rule(name: string): string {
  return `==== ${name} ${'='.repeat(Math.max(4, 72 - name.length))}`;
}

function shortened(text: string): readonly string[] {
  const lines = text.replace(/\n+$/u, '').split('\n');
  const left = lines.length - PART_LINES;
  return left <= 0 ? lines : [`(${left} older lines left out)`, ...lines.slice(left)];
}
