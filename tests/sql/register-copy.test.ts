/** A register that is not the one of now: restored, of an earlier group, behind the other side, or lost. Nobody acts on it. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { makeLsn } from '../../src/base/lsn.ts';
import type { Act } from '../../src/model/act.ts';
import type { RunResult } from '../../src/model/event.ts';
import type { RegisterFlaw } from '../../src/model/register.ts';
import type { Side } from '../../src/model/side.ts';
import { guards } from '../../src/sql/statement/guard.ts';
import {
  dagKey,
  phase,
  PLACE_VARIABLE,
  REFUSED,
  REGISTER,
  writeRegister,
} from '../../src/sql/statement/register-guard.ts';
import { databases, startProtocolLab, type ProtocolLab } from '../support/protocol-lab.ts';

const source = 'source' as const;
const FILE = `DISK = N'C:\\backup\\control.bak'`;

function start(context: TestContext): Promise<ProtocolLab> {
  return startProtocolLab(context, { cutover: { deadMan: 'agent', fenceLogins: [] } });
}

function demotion(fromEpoch: bigint, budgetMs: number): Act {
  const lsn = makeLsn({ vlf: 1n, block: 1n, slot: 1n });
  const targetLsns = [{ database: 'Adventureworks', lsn }];
  return {
    kind: 'demote',
    side: source,
    databases,
    fromEpoch,
    budgetMs,
    targetLsns,
    refuseEpoch: 0n,
  };
}

function backUp(lab: ProtocolLab, side: Side = source): Promise<void> {
  return lab.text(side, `BACKUP DATABASE sqlferry_control TO ${FILE} WITH INIT;`);
}

function restore(lab: ProtocolLab, side: Side = source): Promise<void> {
  return lab.text(side, `RESTORE DATABASE sqlferry_control FROM ${FILE} WITH REPLACE;`);
}

async function flaw(lab: ProtocolLab, side: Side = source): Promise<RegisterFlaw | 'none'> {
  const control = await lab.control(side);
  assert.ok(control.kind === 'present');
  assert.equal(control.register.isIntact, control.register.flaw === undefined);
  return control.register.flaw ?? 'none';
}

function endOf(lab: ProtocolLab, result: RunResult): string {
  return `${result.outcome} ${result.rule}: ${lab.events.at(-1)?.message ?? ''}`;
}

async function jobEnds(lab: ProtocolLab): Promise<void> {
  await lab.until('the job has ended', ({ source: own }) => {
    return own.deadMan.known && !own.deadMan.value.jobRunning;
  });
}

test('a register that was restored from before an epoch that is done stops every command and every batch', async (context) => {
  const lab = await start(context);
  await backUp(lab);
  const there = await lab.run({ goal: 'cutover' });
  assert.equal(there.outcome, 'done', endOf(lab, there));
  await restore(lab);
  assert.equal(await flaw(lab), 'restored');
  for (const goal of ['cutover', 'failback', 'abort', 'migrate'] as const) {
    const result = await lab.run({ goal });
    assert.equal(result.rule, 'R-REGISTER-NOT-OURS', `${goal}: ${endOf(lab, result)}`);
  }
  const commit: Act = { kind: 'commit-epoch', side: source, epoch: 1n };
  await lab.refused(commit, guards.registerTampered.number);
  assert.equal(await lab.role('target'), 'PRIMARY');
  assert.equal(await lab.role(source), 'SECONDARY');
});

test('the dead-man leaves a restored register alone that still says fenced, although the target serves', async (context) => {
  const lab = await start(context);
  await lab.done(demotion(0n, 200));
  await backUp(lab);
  await lab.until('taken back', ({ source: own }) => {
    return own.distributed.known && own.distributed.value?.localRoleDesc === 'PRIMARY';
  });
  await jobEnds(lab);
  const there = await lab.run({ goal: 'cutover' });
  assert.equal(there.outcome, 'done', endOf(lab, there));
  await jobEnds(lab);
  await restore(lab);
  const control = await lab.control(source);
  assert.ok(control.kind === 'present' && control.register.phase === 'fenced');
  const { name } = lab.loaded.migration.source.instances[0];
  lab.lab.world().crash(name);
  lab.lab.world().restart(name);
  await lab.until('back', ({ source: own }) => own.distributed.known);
  await lab.text(source, `EXEC msdb.dbo.sp_start_job @job_name = N'sqlferry dead-man DAG';`).catch(
    // The Agent may have started it first.
    () => {},
  );
  await jobEnds(lab);
  assert.equal(await lab.role(source), 'SECONDARY');
  assert.equal(await lab.role('target'), 'PRIMARY');
});

test('an epoch that was fenced in an earlier group of the same name binds nobody in this one', async (context) => {
  const lab = await start(context);
  await lab.done(demotion(0n, 3_600_000));
  const key = dagKey(lab.loaded.migration);
  const other = "'00000000-0000-0000-0000-000000000000'";
  await lab.text(
    source,
    `DECLARE ${PLACE_VARIABLE}; ${writeRegister(key, { group: other }, `phase = ${phase('fenced')}`)}`,
  );
  assert.equal(await flaw(lab), 'other-group');
  await jobEnds(lab);
  await lab.refused(
    { kind: 'commit-epoch', side: source, epoch: 1n },
    guards.registerForeign.number,
  );
  const result = await lab.run({ goal: 'cutover' });
  assert.equal(result.rule, 'R-REGISTER-NOT-OURS', endOf(lab, result));
  assert.equal(await lab.role(source), 'SECONDARY');
  // At rest such a row is nobody's, and the next fence writes its own group into it.
  await lab.text(
    source,
    `DECLARE ${PLACE_VARIABLE}; ${writeRegister(key, { phase: phase('aborted'), deadline: 'NULL' }, `phase = ${phase('fenced')}`)}`,
  );
  assert.equal(await flaw(lab), 'none');
});

test('a register behind an epoch that the other side refused is older than what has happened', async (context) => {
  const lab = await start(context);
  await lab.done({ kind: 'refuse-epoch', side: 'target', epoch: 3n });
  const acts = lab.log.filter((entry) => entry.changesState).length;
  const result = await lab.run({ goal: 'cutover' });
  assert.equal(result.rule, 'R-REGISTER-NOT-OURS', endOf(lab, result));
  assert.match(lab.events.at(-1)?.message ?? '', /./u);
  assert.equal(lab.log.filter((entry) => entry.changesState).length, acts, 'nothing was sent');
});

for (const side of ['source', 'target'] as const) {
  test(`a register that was lost on the ${side} begins where the other side has arrived, and the next cutover needs no second try`, async (context) => {
    const lab = await start(context);
    await lab.done(demotion(0n, 60_000));
    await lab.done({ kind: 'commit-epoch', side: source, epoch: 1n });
    const aborted = await lab.run({ goal: 'abort' });
    assert.equal(aborted.outcome, 'done', endOf(lab, aborted));
    await lab.text(side, `DELETE FROM ${REGISTER}; DELETE FROM ${REFUSED};`);
    assert.equal((await lab.run({ goal: 'migrate' })).outcome, 'ready-for-cutover');
    const control = await lab.control(side);
    assert.ok(control.kind === 'present');
    assert.equal(control.register.epoch, side === 'source' ? 1n : 0n);
    assert.equal(control.refused.epoch, side === 'source' ? 0n : 1n);
    const there = await lab.run({ goal: 'cutover' });
    assert.equal(there.outcome, 'done', endOf(lab, there));
    const after = await lab.control(source);
    assert.ok(after.kind === 'present');
    assert.equal(after.register.epoch, 2n);
  });
}

test('a control database that the target loses in the outage comes back, and the switch is taken back by cutover or abort alone', async (context) => {
  const lab = await start(context);
  const targetLsns = await lab.targetLsns();
  const demoted = await lab.done({ ...demotion(0n, 60_000), targetLsns } as Act);
  assert.equal(demoted.registerPhase, 'committing');
  await lab.text('target', 'DROP DATABASE sqlferry_control;');
  const result = await lab.run({ goal: 'cutover' });
  assert.equal(result.rule, 'R-TAKEN-BACK', endOf(lab, result));
  assert.equal(await lab.role(source), 'PRIMARY');
  const late: Act = {
    kind: 'promote',
    side: 'target',
    epoch: 1n,
    finalLsns: demoted.finalLsns ?? [],
    waitMs: 100,
  };
  await lab.refused(late, guards.epochRefused.number);
});
