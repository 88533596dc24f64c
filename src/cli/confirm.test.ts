import assert from 'node:assert/strict';
import { test } from 'node:test';

import { captureContext } from '../../tests/support/cli-context.ts';
import { confirmGroup, shellQuoted } from './confirm.ts';

const cutover = { command: 'cutover', group: 'DAG', consequence: 'The writes move to [SQLVM].' };

test('goes on when the option names the group', async () => {
  const { context, stdout } = captureContext({ interactive: true });
  assert.equal(await confirmGroup(context, { ...cutover, given: 'DAG' }), null);
  assert.equal(stdout(), '', 'an option given is not asked for again');
});

test('a wrong name is a usage error, typed or given', async () => {
  const given = captureContext();
  assert.equal(await confirmGroup(given.context, { ...cutover, given: 'dag' }), 2);
  assert.match(given.stderr(), /\[DAG\]/u);
  const typed = captureContext({ interactive: true, answers: ['OTHER'] });
  assert.equal(await confirmGroup(typed.context, { ...cutover, given: null }), 2);
});

test('without a terminal it never asks, ends with 3 and says what to type', async () => {
  const { context, stdout, stderr } = captureContext({ answers: ['DAG'] });
  assert.equal(await confirmGroup(context, { ...cutover, given: null }), 3);
  assert.equal(stdout(), '');
  assert.match(stderr(), /sqlferry cutover --confirm DAG/u);
});

test('Ctrl-C at the question ends with 3 and says that nothing was changed', async () => {
  const { context, stderr } = captureContext({ interactive: true, answers: [null] });
  assert.equal(await confirmGroup(context, { ...cutover, given: null }), 3);
  assert.match(stderr(), /before it changed anything/u);
  assert.match(stderr(), /sqlferry status/u);
});

test('the typed name lets it go on', async () => {
  const { context } = captureContext({ interactive: true, answers: ['DAG'] });
  assert.equal(await confirmGroup(context, { ...cutover, given: null }), null);
});

test('a name with quotes can be pasted into a shell', () => {
  assert.equal(shellQuoted('DAG'), 'DAG');
  assert.equal(shellQuoted("it's a [DAG]"), String.raw`'it'\''s a [DAG]'`);
});
