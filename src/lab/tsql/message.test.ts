import assert from 'node:assert/strict';
import { test } from 'node:test';
import { groupMessages } from './message-table-group.ts';
import { engineMessages } from './message-table.ts';
import { formatTemplate, serverMessage, sqlError } from './message.ts';

test('parameters take the place holders in order', () => {
  assert.equal(
    serverMessage(8115, 'expression', 'int').text,
    'Arithmetic overflow error converting expression to data type int.',
  );
  assert.equal(serverMessage(41_152, 'AG', 41_106).text.includes('SQL Server error 41106'), true);
});

test('severity comes from the table', () => {
  assert.equal(serverMessage(102, 'x').severity, 15);
  assert.equal(serverMessage(3621).severity, 10);
});

test('an unknown number is a mistake of the lab', () => {
  assert.throws(() => sqlError(999_999), RangeError);
});

test('RAISERROR formats print as in C', () => {
  assert.equal(
    formatTemplate('%d|%5d|%-5d|%05d|%x|%X|%s|%.2s|%%', [7, 7, 7, 7, 255, 255, 'abc', 'abc']),
    '7|    7|7    |00007|ff|FF|abc|ab|%',
  );
  assert.equal(formatTemplate('%s %d', []), '(null) (null)');
});

test('both tables are in order, and no number is in both', () => {
  const numbers = [engineMessages, groupMessages].map((table) => Object.keys(table).map(Number));
  assert.ok(numbers.every((list) => list.length > 100));
  const [engine = [], group = []] = numbers;
  assert.deepEqual(
    engine.filter((number) => group.includes(number)),
    [],
  );
});

test('every template can be printed with enough parameters', () => {
  for (const template of [...Object.values(engineMessages), ...Object.values(groupMessages)]) {
    assert.ok(template !== undefined);
    const text = formatTemplate(
      template.text,
      Array.from({ length: 12 }, (_, index) => index),
    );
    assert.ok(!/%(?:\.\*|l?[dsS])/u.test(text), text);
  }
});
