import assert from 'node:assert/strict';
import { test } from 'node:test';

import { bundleText } from './bundle-text.ts';

const none = { secrets: [], names: new Map<string, string>() };

test('the top says what is inside and on which line each part begins', () => {
  const text = bundleText({
    title: ['migration erp'],
    parts: [
      { name: 'versions', about: 'Programs.', text: 'sqlferry 0.1.0\nnode 24\n' },
      { name: 'journal', about: 'What was done.', text: '{"a":1}' },
      { name: 'empty', about: 'Nothing.', text: '' },
    ],
    redaction: none,
  });
  const lines = text.split('\n');
  for (const name of ['versions', 'journal', 'empty']) {
    const entry = lines.find((line) => new RegExp(`^ {2}line +\\d+ {2}${name}`, 'u').test(line));
    const at = Number(/line +(\d+)/u.exec(entry ?? '')?.[1]);
    assert.ok(lines[at - 1]?.startsWith(`==== ${name} `), `${name}: ${lines[at - 1]}`);
  }
  assert.match(text, /taken out in 0 places/u);
  assert.match(text, /as they are \(--redact-names/u);
});

test('title and parts go through the redaction, and the top counts the places', () => {
  const text = bundleText({
    title: ['of OnPremNode, hunter2-x'],
    parts: [{ name: 'a', about: 'About.', text: 'hunter2-x on OnPremNode and OnPremNode' }],
    redaction: { secrets: ['hunter2-x'], names: new Map([['OnPremNode', 'instance-1']]) },
  });
  assert.doesNotMatch(text, /hunter2|OnPremNode/u);
  assert.match(text, /taken out in 2 places/u);
  assert.match(text, /replaced in 3 places/u);
});

test('a part that is too long keeps its newest lines and says how many are left out', () => {
  const long = Array.from({ length: 20_005 }, (_, at) => `line-${at}`).join('\n');
  const text = bundleText({
    title: [],
    parts: [{ name: 'journal', about: 'Long.', text: long }],
    redaction: none,
  });
  assert.match(text, /\(5 older lines left out\)\nline-5\n/u);
  assert.match(text, /\nline-20004\n/u);
});
