import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';

import { answersOf, waitingCases } from '../../../tests/support/waiting-case.ts';
import { captureContext } from '../../../tests/support/cli-context.ts';
import type { EngineEvent } from '../../model/event.ts';
import { openEventSink } from './event-sink.ts';

const acted: EngineEvent = {
  kind: 'acted',
  rule: 'R-ENDPOINT-CREATE',
  instance: 'OnPremNode',
  act: 'create-endpoint',
  message: 'Created the endpoint [Hadr_endpoint].',
  elapsedMs: 12,
  outcome: 'ok',
};

const progress = (percent: number): EngineEvent => ({
  kind: 'progress',
  message: 'seeding',
  databases: [
    {
      database: 'Adventureworks',
      percent,
      bytesDone: percent * 1024 * 1024,
      bytesTotal: 100 * 1024 * 1024,
      bytesPerSecond: 10 * 1024 * 1024,
      etaSeconds: 100 - percent,
      state: 'SEEDING',
    },
  ],
});

test('with --json every line of stdout is an event with its time, and people read stderr', () => {
  const { context, stdout, stderr, advance } = captureContext({ globals: { json: true } });
  const sink = openEventSink(context);
  advance(1000);
  sink.emit(acted);
  sink.emit({
    kind: 'result',
    message: 'Cut over.',
    result: {
      outcome: 'done',
      rule: 'R-DONE',
      acts: 1,
      outageMs: 40,
      serialRoundTrips: 2,
      databases: ['Adventureworks'],
    },
  });
  sink.close();
  const lines = stdout()
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(lines[0]?.['at'], '1970-01-01T00:00:01.000Z');
  assert.equal(lines[0]?.['kind'], 'acted');
  assert.equal(lines[0]?.['instance'], 'OnPremNode');
  const last = lines.at(-1);
  assert.equal(last?.['kind'], 'result');
  assert.equal(last?.['outageMs'], 40);
  assert.equal(last?.['serialRoundTrips'], 2);
  assert.match(stderr(), /Created the endpoint \[Hadr_endpoint\]/u);
});

test('in a pipe progress is told now and then, not at every pass, and without escape codes', () => {
  const { context, stdout, advance } = captureContext();
  const sink = openEventSink(context);
  for (let percent = 0; percent < 50; percent += 1) {
    sink.emit(progress(percent));
    advance(100);
  }
  sink.close();
  const lines = stdout().trimEnd().split('\n');
  assert.equal(lines.length, 3, stdout());
  assert.ok(!stdout().includes('\u001B'));
  assert.match(lines[1] ?? '', /seeding \[Adventureworks\] 20 %, 20\.0 MB of 100 MB, 10\.0 MB\/s/u);
});

test('a wait is said once per reason until time has passed', () => {
  const { context, stdout, advance } = captureContext();
  const sink = openEventSink(context);
  for (let pass = 0; pass < 30; pass += 1) {
    sink.emit({ kind: 'waiting', rule: 'R-WAIT', message: 'the forwarder is behind' });
    advance(500);
  }
  sink.emit({ kind: 'waiting', rule: 'R-OTHER', message: 'redo is behind' });
  sink.close();
  assert.deepEqual(stdout().match(/waiting: .*/gu), [
    'waiting: the forwarder is behind',
    'waiting: the forwarder is behind',
    'waiting: redo is behind',
  ]);
});

test('on a terminal a lasting line stays above the live region', () => {
  const { context, stdout } = captureContext({ isTty: true });
  const sink = openEventSink(context);
  sink.emit(progress(10));
  sink.emit(acted);
  sink.close();
  assert.match(stdout(), /█/u);
  assert.ok(stdout().lastIndexOf('Created the endpoint') > stdout().lastIndexOf('█'));
  assert.ok(stdout().endsWith('\u001B[?25h'), 'the cursor is shown again');
});

test('--quiet leaves the result and problems', () => {
  const { context, stdout, stderr } = captureContext({ globals: { quiet: true } });
  const sink = openEventSink(context);
  sink.emit(acted);
  sink.emit({ kind: 'waiting', rule: 'R-WAIT', message: 'x' });
  sink.emit({
    kind: 'problem',
    message: 'm',
    problem: { code: 'SF-CFG-001', summary: 'No file.', because: [], remedy: 'Name it.' },
  });
  sink.emit({ kind: 'result', message: 'Ready.', result: { outcome: 'done', rule: 'R', acts: 0 } });
  assert.equal(stdout(), '✓ Ready.\n');
  assert.match(stderr(), /No file\./u);
});

const suspended = waitingCases.find(({ id }) => id === 'WAIT-SUSPENDED-BY-USER');

function whyEvent(): EngineEvent {
  const answer = suspended === undefined ? undefined : answersOf(suspended)[0];
  assert.ok(answer !== undefined);
  return { kind: 'waiting', rule: answer.id, message: answer.cause, answer };
}

test('why it waits stays on a terminal, and the wait goes on beneath it', () => {
  const { context, stdout } = captureContext({ isTty: true });
  const sink = openEventSink(context);
  sink.emit({ kind: 'waiting', rule: 'R-WAIT', message: 'the forwarder is behind' });
  sink.emit(whyEvent());
  sink.close();
  const text = stripVTControlCharacters(stdout());
  assert.match(text, /why {6}Data movement of \[Adventureworks\] is suspended/u);
  assert.match(text, /move {5}DBA of the target/u);
  assert.ok(text.lastIndexOf('the forwarder is behind') > text.lastIndexOf('move '), text);
});

test('in a pipe why it waits is one line with its id, and with --json an answer', () => {
  const plain = captureContext();
  const sink = openEventSink(plain.context);
  sink.emit(whyEvent());
  assert.match(plain.stdout(), /^ {2}why: Data movement .*\(WAIT-SUSPENDED-BY-USER\)\n$/u);
  const machine = captureContext({ globals: { json: true } });
  openEventSink(machine.context).emit(whyEvent());
  const line = JSON.parse(machine.stdout()) as Record<string, unknown>;
  assert.equal(line['rule'], 'WAIT-SUSPENDED-BY-USER');
  assert.equal((line['answer'] as Record<string, unknown>)['whose'], 'DBA of the target');
});
