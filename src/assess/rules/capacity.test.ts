import assert from 'node:assert/strict';
import { test } from 'node:test';

import { goodDatabase } from '../../../tests/support/facts.ts';
import { goodMachine, goodSettings } from '../../../tests/support/facts/server.ts';
import {
  altered,
  blindFacts,
  onBothSides,
  testJudges,
  type JudgeCase,
} from '../../../tests/support/judge-cases.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import type { MachineFacts } from '../../model/assess-capacity.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known, unknown } from '../../model/fact.ts';
import type { Side } from '../../model/side.ts';
import { capacityRules } from './capacity.ts';
import { workerNeed } from './worker-need.ts';

const GB = 1024 ** 3;
const everything = { ...articleMigration, databases: { kind: 'all' as const, except: [] } };

const machine = (side: Side, change: Partial<MachineFacts>, facts?: AssessFacts): AssessFacts =>
  altered(side, { machine: known({ ...goodMachine, ...change }) }, facts);

const setting = (side: Side, name: string, value: number): AssessFacts =>
  altered(side, {
    settings: known([
      ...goodSettings.filter((one) => one.name !== name),
      { name, value, valueInUse: value },
    ]),
  });

const many = (count: number): AssessFacts =>
  altered('source', {
    databases: known(
      Array.from({ length: count }, (_each, index) => ({ ...goodDatabase, name: `D${index}` })),
    ),
  });

const withoutSettings = (side: Side): AssessFacts =>
  altered(side, { settings: unknown('nobody may look') });

const cases: readonly JudgeCase[] = [
  {
    id: 'SRC-WORKERS',
    facts: many(300),
    migration: everything,
    outcome: 'error',
    evidence: /300 database\(s\) need up to 610 threads as primary .* 536 of 576/u,
  },
  { id: 'TGT-WORKERS', facts: many(300), migration: everything, outcome: 'error' },
  { id: 'SRC-WORKERS', facts: many(150), migration: everything, outcome: 'warning' },
  { id: 'TGT-WORKERS', facts: many(150), migration: everything, outcome: 'warning' },
  { id: 'SRC-WORKERS', facts: many(50), migration: everything, outcome: 'success' },
  { id: 'SRC-DATABASE-COUNT', facts: many(101), migration: everything, outcome: 'warning' },
  { id: 'TGT-DATABASE-COUNT', facts: many(101), migration: everything, outcome: 'warning' },
  { id: 'TGT-DATABASE-COUNT', facts: many(100), migration: everything, outcome: 'success' },
  { id: 'CAP-CORES', facts: machine('target', { cpuCount: 4 }), outcome: 'warning' },
  { id: 'CAP-CORES', facts: machine('target', { cpuCount: 16 }), outcome: 'success' },
  {
    id: 'CAP-MEMORY',
    facts: machine('target', { physicalMemoryBytes: 16 * GB }),
    outcome: 'warning',
    evidence: /Source may use 24\.0 GB, target 16\.0 GB/u,
  },
  {
    id: 'CAP-MEMORY',
    facts: setting('target', 'max server memory (MB)', 8192),
    outcome: 'warning',
    evidence: /target 8\.0 GB/u,
  },
  { id: 'CAP-MEMORY', facts: withoutSettings('source'), outcome: 'unknown' },
  { id: 'CAP-MEMORY', facts: withoutSettings('target'), outcome: 'unknown' },
  {
    id: 'CAP-MEMORY-HELD',
    facts: machine('source', { committedBytes: 30 * GB }),
    outcome: 'warning',
    evidence: /holds 30\.0 GB, the target may hold 24\.0 GB/u,
  },
  {
    id: 'CAP-LOCK-PAGES',
    facts: machine('source', { memoryModelDesc: 'LOCK_PAGES' }),
    outcome: 'warning',
  },
  {
    id: 'CAP-LOCK-PAGES',
    facts: machine('target', { memoryModelDesc: 'LOCK_PAGES' }),
    outcome: 'success',
  },
  {
    id: 'CAP-MAX-WORKERS',
    facts: setting('target', 'max worker threads', 256),
    outcome: 'warning',
  },
  {
    id: 'CAP-MAX-WORKERS',
    facts: setting('source', 'max worker threads', 256),
    outcome: 'success',
  },
  ...onBothSides('MEMORY-LIMIT', 'warning', (side) =>
    setting(side, 'max server memory (MB)', 2_147_483_647),
  ),
  ...onBothSides('MEMORY-LIMIT', 'warning', (side) =>
    setting(side, 'max server memory (MB)', 40_000),
  ),
  ...onBothSides('MEMORY-LIMIT', 'unknown', withoutSettings),
  ...onBothSides('MEMORY-SIGNAL', 'warning', (side) => machine(side, { isMemoryLow: true })),
  ...onBothSides('MEMORY-SIGNAL', 'unknown', (side) => machine(side, { isMemoryLow: null })),
  ...onBothSides('SCHEDULERS', 'warning', (side) => machine(side, { schedulerCount: 4 })),
];

testJudges(capacityRules, cases);

test('the remedy for memory names 80 percent of the machine', () => {
  const rule = capacityRules.find(({ id }) => id === 'SRC-MEMORY-LIMIT');
  const facts = setting('source', 'max server memory (MB)', 2_147_483_647);
  const [found] = rule?.check(facts, articleMigration) ?? [];
  assert.match(found?.remedy ?? '', /N'max server memory \(MB\)', 26214;/u);
});

test('worker threads are counted as the page about prerequisites counts them', () => {
  const load = { databases: 10, partners: 1, cores: 8, maxWorkers: 576 };
  assert.deepEqual(workerNeed(load), { primary: 30, secondary: 60, limit: 536 });
  // Helpers of redo: half the cores, at most 16 for a database and 100 for the instance.
  assert.equal(workerNeed({ ...load, databases: 1, cores: 64 }).secondary, 27);
  assert.equal(workerNeed({ ...load, databases: 100 }).secondary, 210);
  assert.deepEqual(workerNeed({ ...load, databases: 0, maxWorkers: 20 }), {
    primary: 0,
    secondary: 0,
    limit: 0,
  });
});

test('without the databases of the source nothing is counted', () => {
  const facts = { ...blindFacts, target: altered('target', {}).target };
  const rule = capacityRules.find(({ id }) => id === 'TGT-WORKERS');
  assert.deepEqual(
    rule?.check(facts, articleMigration).map(({ outcome }) => outcome),
    ['unknown'],
  );
});
