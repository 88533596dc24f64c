/** The dead-man's step in the lab over the real driver: what it takes up, by whomever it was left, and what it leaves alone. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { watchDeadMan } from '../../src/adapters/sqlserver/watch.ts';
import { makeLsn } from '../../src/base/lsn.ts';
import type { Act } from '../../src/model/act.ts';
import type { Observation } from '../../src/model/observation.ts';
import {
  dagKey,
  phase,
  PLACE_VARIABLE,
  writeRegister,
} from '../../src/sql/statement/register-guard.ts';
import { databases, startProtocolLab, type ProtocolLab } from '../support/protocol-lab.ts';

const side = 'source' as const;
/** Longer than any test: the deadline itself makes nobody act. */
const LONG_MS = 3_600_000;
const LOGIN = 'app_writer';

type Guard = 'agent' | 'watcher' | 'off';

function demotion(budgetMs: number): Act {
  return {
    kind: 'demote',
    side,
    databases,
    fromEpoch: 0n,
    budgetMs,
    // Far behind every log, so that the epoch stays fenced.
    targetLsns: [{ database: 'Adventureworks', lsn: makeLsn({ vlf: 1n, block: 1n, slot: 1n }) }],
    refuseEpoch: 0n,
  };
}

/** Fenced with a login disabled; the dead-man of that form is on guard. */
async function fencedLab(
  context: TestContext,
  guard: Guard,
  budgetMs = LONG_MS,
): Promise<ProtocolLab> {
  const lab = await startProtocolLab(context, {
    cutover: { deadMan: guard, fenceLogins: [LOGIN] },
  });
  if (guard === 'watcher') watch(context, lab);
  await lab.done({
    kind: 'record-prior-state',
    side,
    prior: { enabledLogins: [LOGIN], distributedMode: 'ASYNCHRONOUS_COMMIT' },
  });
  await lab.done({ kind: 'disable-login', side, login: LOGIN });
  await lab.done(demotion(budgetMs));
  return lab;
}

function watch(context: TestContext, lab: ProtocolLab): void {
  const stop = new AbortController();
  const watching = watchDeadMan({
    loaded: lab.loaded,
    clock: systemClock,
    signal: stop.signal,
    emit: () => {},
  });
  context.after(async () => {
    stop.abort();
    await watching;
  });
}

/** What an operator writes first when it takes the switch back; this one dies before it takes the role. */
function abortedByOperator(lab: ProtocolLab): Promise<void> {
  const key = dagKey(lab.loaded.migration);
  return lab.text(
    side,
    `DECLARE @owed_since datetime2(3) = SYSUTCDATETIME(), ${PLACE_VARIABLE};
${writeRegister(key, { phase: phase('aborted'), deadline: '@owed_since' }, `phase = ${phase('fenced')}`)}`,
  );
}

function isServing({ source }: Observation): boolean {
  const dag = source.distributed.known ? source.distributed.value : null;
  const logins = source.fenceLogins.known ? source.fenceLogins.value : [];
  return dag?.localRoleDesc === 'PRIMARY' && logins.every((login) => !login.isDisabled);
}

async function deadline(lab: ProtocolLab): Promise<string> {
  const control = await lab.control(side);
  assert.ok(control.kind === 'present' && control.register.isIntact);
  const { epoch, deadlineUtc } = control.register;
  return `${epoch} ${control.register.phase}${deadlineUtc === null ? '' : ', owed'}`;
}

function jobRuns({ source }: Observation): boolean {
  return source.deadMan.known && source.deadMan.value.jobRunning;
}

async function startJob(lab: ProtocolLab): Promise<void> {
  const name = lab.loaded.migration.distributedAvailabilityGroup;
  await lab.text(side, `EXEC msdb.dbo.sp_start_job @job_name = N'sqlferry dead-man ${name}';`);
}

for (const guard of ['agent', 'watcher'] as const) {
  test(`an operator that dies after it wrote aborted is followed by the dead-man (${guard}), long before the deadline`, async (context) => {
    const lab = await fencedLab(context, guard);
    await abortedByOperator(lab);
    await lab.until('writable with its login', isServing);
    await lab.until('ended', (seen) => !jobRuns(seen));
    assert.equal(await deadline(lab), '1 aborted');
    await lab.text(side, 'CREATE TABLE [Adventureworks].dbo.after_abort (id int NOT NULL)');
  });
}

test('an operator that dies between the role and the logins is followed by the dead-man', async (context) => {
  const lab = await fencedLab(context, 'agent');
  await lab.done({ kind: 'give-back', side, databases, epoch: 1n, from: 'fenced' });
  await lab.until('its login is back', isServing);
  await lab.until('ended', (seen) => !jobRuns(seen));
  assert.equal(await deadline(lab), '1 aborted');
});

test('without a guard nobody takes the role, and the next batch of an operator does', async (context) => {
  const lab = await fencedLab(context, 'off');
  await abortedByOperator(lab);
  assert.equal(await deadline(lab), '1 aborted, owed');
  assert.equal(await lab.role(side), 'SECONDARY');
  await lab.done({ kind: 'give-back', side, databases, epoch: 1n, from: 'aborted' });
  assert.equal(await lab.role(side), 'PRIMARY');
  assert.equal(await deadline(lab), '1 aborted');
});

for (const [left, budgetMs, before] of [
  ['fenced', 500, async () => {}],
  ['aborted with the role owed', LONG_MS, abortedByOperator],
] as const) {
  test(`a source that restarts ${left} gives itself the writes back: the Agent starts the job with itself`, async (context) => {
    const lab = await fencedLab(context, 'agent', budgetMs);
    // With its Agent the first job ends, so that only the one after the restart can have done it.
    const { name } = lab.loaded.migration.source.instances[0];
    lab.lab.world().setAgent(name, false);
    await before(lab);
    assert.equal(await lab.role(side), 'SECONDARY');
    lab.lab.world().crash(name);
    lab.lab.world().setAgent(name, true);
    lab.lab.world().restart(name);
    await lab.until('writable with its login', isServing);
    await lab.until('ended', (seen) => !jobRuns(seen));
    assert.equal(await deadline(lab), '1 aborted');
  });
}

test('a settled epoch makes no job take a role that was given away by hand since', async (context) => {
  const lab = await fencedLab(context, 'agent');
  await lab.done({ kind: 'give-back', side, databases, epoch: 1n, from: 'fenced' });
  await lab.until('ended', (seen) => isServing(seen) && !jobRuns(seen));
  await lab.text(side, 'ALTER AVAILABILITY GROUP [DAG] SET (ROLE = SECONDARY);');
  await lab.text('target', 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS;');
  await startJob(lab);
  await lab.until('ended', (seen) => !jobRuns(seen));
  assert.equal(await lab.role(side), 'SECONDARY');
  await lab.until('the target', (seen) => {
    const dag = seen.target.distributed.known ? seen.target.distributed.value : null;
    return dag?.localRoleDesc === 'PRIMARY';
  });
});

test('the loser of a split brain keeps its running dead-man from making it primary again', async (context) => {
  const lab = await fencedLab(context, 'agent');
  const group = 'ALTER AVAILABILITY GROUP [DAG] FORCE_FAILOVER_ALLOW_DATA_LOSS;';
  await lab.text(side, group);
  await lab.text('target', group);
  await lab.until('two primaries', (seen) =>
    [seen.source, seen.target].every(
      (each) => each.distributed.known && each.distributed.value?.localRoleDesc === 'PRIMARY',
    ),
  );
  await lab.done({ kind: 'fence-split-brain', side, databases });
  await lab.until('the job has ended', (seen) => !jobRuns(seen));
  assert.equal(await lab.role(side), 'SECONDARY');
  assert.equal(await deadline(lab), '1 aborted');
});

test('an epoch that is committing, or an older one, is not the dead-man’s business', async (context) => {
  const lab = await fencedLab(context, 'agent');
  await lab.done({ kind: 'commit-epoch', side, epoch: 1n });
  await lab.until('ended', (seen) => !jobRuns(seen));
  await startJob(lab);
  await lab.until('ended again', (seen) => !jobRuns(seen));
  assert.equal(await lab.role(side), 'SECONDARY');
  assert.equal(await deadline(lab), '1 committing');
});
