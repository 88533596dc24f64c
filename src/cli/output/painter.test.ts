import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bar, makePainter } from './painter.ts';

const ESC = '\u001B';
/** A control sequence, a line end, or text. */
const TOKEN = new RegExp(`${ESC}\\[[?\\d]*[a-zA-Z]|\n|\r|[^${ESC}\n\r]+`, 'gu');

/** A terminal of one screen, as far as the painter uses one. */
function makeScreen(): { write(text: string): void; lines(): string[] } {
  let rows: string[] = [''];
  let at = 0;
  const apply = (token: string): void => {
    const code = new RegExp(`^${ESC}\\[(\\d*)([A-Z])$`, 'u').exec(token);
    if (token === '\n') {
      at += 1;
      rows[at] ??= '';
      column = 0;
    } else if (token === '\r') column = 0;
    else if (code?.[2] === 'A') at -= Number(code[1]);
    else if (code?.[2] === 'K') rows[at] = (rows[at] ?? '').slice(0, column);
    else if (code?.[2] === 'J') rows = [...rows.slice(0, at), (rows[at] ?? '').slice(0, column)];
    else if (!token.startsWith('\u001B')) {
      const row = rows[at] ?? '';
      rows[at] = row.slice(0, column) + token + row.slice(column + token.length);
      column += token.length;
    }
  };
  let column = 0;
  return {
    write: (text) => {
      for (const token of text.match(TOKEN) ?? []) apply(token);
    },
    lines: () => rows.slice(0, at),
  };
}

test('rewrites the region in place and lets printed lines scroll above it', () => {
  const screen = makeScreen();
  const painter = makePainter({ ...screen, isTty: true, columns: 80 });
  painter.paint(['seeding 10 %', 'waiting']);
  painter.paint(['seeding 9 %', 'waiting']);
  painter.print('created the endpoint\n');
  painter.paint(['done']);
  assert.deepEqual(screen.lines(), ['created the endpoint', 'done']);
  painter.clear();
  assert.deepEqual(screen.lines(), ['created the endpoint']);
});

test('a bar always has its width and never overflows', () => {
  for (const fraction of [-1, 0, 0.01, 0.33, 0.5, 0.999, 1, 2]) {
    assert.equal(Array.from(bar(fraction, 20)).length, 20, String(fraction));
  }
  assert.equal(bar(0.5, 4), '██░░');
});
