/** The register protocol in T-SQL against the lab: what the guards of the batches alone allow and refuse. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';

import { required } from '../../src/base/assert.ts';
import { makeLsn } from '../../src/base/lsn.ts';
import type { Act, FinalLsn } from '../../src/model/act.ts';
import { guards } from '../../src/sql/statement/guard.ts';
import { REFUSED, REGISTER } from '../../src/sql/statement/register-guard.ts';
import { databases, startProtocolLab, type ProtocolLab } from '../support/protocol-lab.ts';

const never = new AbortController().signal;

/** Far behind every log: the proof of equality fails and the epoch stays fenced. */
const tooLow: readonly FinalLsn[] = [
  { database: 'Adventureworks', lsn: makeLsn({ vlf: 1n, block: 1n, slot: 1n }) },
];

const deadManOff = { cutover: { deadMan: 'off' } } as const;

type Demote = Extract<Act, { kind: 'demote' }>;

function demotion(change: Partial<Demote> = {}): Demote {
  return {
    kind: 'demote',
    side: 'source',
    databases,
    fromEpoch: 0n,
    budgetMs: 30_000,
    targetLsns: tooLow,
    refuseEpoch: 0n,
    ...change,
  };
}

const giveBack = (from: 'fenced' | 'committing' | 'aborted', epoch = 1n): Act => ({
  kind: 'give-back',
  side: 'source',
  databases,
  epoch,
  from,
});

const promotion = (finalLsns: readonly FinalLsn[], epoch = 1n): Act => ({
  kind: 'promote',
  side: 'target',
  epoch,
  finalLsns,
  waitMs: 5000,
});

async function register(lab: ProtocolLab): Promise<string> {
  const control = await lab.control('source');
  assert.ok(control.kind === 'present', control.kind);
  assert.ok(control.register.isIntact);
  return `${control.register.epoch} ${control.register.phase}`;
}

test('when the log has arrived before, the demotion decides the epoch and two batches switch', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  const targetLsns = await lab.targetLsns();
  const demoted = await lab.done(demotion({ targetLsns }));
  assert.equal(demoted.registerPhase, 'committing');
  assert.equal(demoted.localRoleDesc, 'SECONDARY');
  assert.ok(required(demoted.serverMs, 'server time') >= 0);
  const promoted = await lab.done(promotion(required(demoted.finalLsns, 'final LSNs')));
  assert.equal(promoted.localRoleDesc, 'PRIMARY');
  await lab.done({ kind: 'close-epoch', side: 'source', epoch: 1n });
  assert.equal(await register(lab), '1 done');
});

test('when equality is not proved the epoch stays fenced until the log was waited for and it is committed', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  const demoted = await lab.done(demotion());
  assert.equal(demoted.registerPhase, 'fenced');
  const finalLsns = required(demoted.finalLsns, 'final LSNs');
  await lab.done({ kind: 'await-lsns', side: 'target', finalLsns, waitMs: 5000 });
  const committed = await lab.done({ kind: 'commit-epoch', side: 'source', epoch: 1n });
  assert.equal(committed.registerPhase, 'committing');
  await lab.done(promotion(finalLsns));
  assert.equal(await lab.role('target'), 'PRIMARY');
});

test('a fenced epoch is given back without loss, and can never be committed afterwards', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  await lab.done(demotion());
  const back = await lab.done(giveBack('fenced'));
  assert.equal(back.localRoleDesc, 'PRIMARY');
  assert.equal(back.registerPhase, 'aborted');
  await lab.refused(
    { kind: 'commit-epoch', side: 'source', epoch: 1n },
    guards.registerMoved.number,
  );
  await lab.refused(giveBack('fenced'), guards.registerMoved.number);
  // The role is back, so nothing is owed: a batch that comes late does not take it a second time.
  await lab.refused(giveBack('aborted'), guards.registerMoved.number);
  await lab.text('source', 'CREATE TABLE [Adventureworks].dbo.after_abort (id int NOT NULL)');
});

test('a committing epoch is taken back only in its own phase, and a promotion that comes late is refused', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  const targetLsns = await lab.targetLsns();
  const demoted = await lab.done(demotion({ targetLsns }));
  const finals = required(demoted.finalLsns, 'final LSNs');
  await lab.refused(giveBack('fenced'), guards.registerMoved.number);
  await lab.done({ kind: 'refuse-epoch', side: 'target', epoch: 1n });
  await lab.done({ kind: 'refuse-epoch', side: 'target', epoch: 1n });
  await lab.done(giveBack('committing'));
  await lab.refused(promotion(finals), guards.epochRefused.number);
  assert.equal(await lab.role('source'), 'PRIMARY');
  assert.equal(await lab.role('target'), 'SECONDARY');
});

test('once the target is primary its epoch cannot be refused any more', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  const targetLsns = await lab.targetLsns();
  const demoted = await lab.done(demotion({ targetLsns }));
  await lab.done(promotion(required(demoted.finalLsns, 'final LSNs')));
  await lab.refused({ kind: 'refuse-epoch', side: 'target', epoch: 1n }, guards.refuseRole.number);
});

test('of two operators that demote at once one is refused', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  const second = lab.operator(false);
  await second.observe(never);
  const replies = await Promise.all([lab.act(demotion()), second.perform(demotion(), never)]);
  const outcomes = replies.map((reply) => reply.outcome).toSorted((a, b) => (a < b ? -1 : 1));
  assert.deepEqual(outcomes, ['failed', 'ok']);
  assert.equal(await register(lab), '1 fenced');
});

test('after the deadline an epoch cannot be committed', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  await lab.done(demotion({ budgetMs: 1 }));
  await lab.until('expired', (seen) => {
    const { control } = seen.source;
    return control.known && control.value.kind === 'present' && control.value.register.isExpired;
  });
  await lab.refused(
    { kind: 'commit-epoch', side: 'source', epoch: 1n },
    guards.deadlinePassed.number,
  );
});

for (const position of ['accepted', 'refused'] as const) {
  test(`an abandoned fence is lifted by the dead-man, and the logins come back (commit wait: ${position})`, (context) =>
    abandon(context, position));
}

async function abandon(context: TestContext, position: 'accepted' | 'refused'): Promise<void> {
  const lab = await startProtocolLab(context, {
    switches: { giveBackWithRequiredSecondaries: position },
    cutover: { deadMan: 'agent', fenceLogins: ['app_writer'] },
  });
  const side = 'source' as const;
  await lab.done({ kind: 'create-dead-man', side });
  await lab.done({ kind: 'rehearse-dead-man', side });
  await lab.done({
    kind: 'record-prior-state',
    side,
    prior: { enabledLogins: ['app_writer'], distributedMode: 'ASYNCHRONOUS_COMMIT' },
  });
  await lab.done({ kind: 'disable-login', side, login: 'app_writer' });
  await lab.done({ kind: 'set-required-secondaries', side, value: 1 });
  await lab.done(demotion({ budgetMs: 1000 }));
  const seen = await lab.until('writable with its login', ({ source }) => {
    const dag = source.distributed.known ? source.distributed.value : null;
    const logins = source.fenceLogins.known ? source.fenceLogins.value : [];
    return dag?.localRoleDesc === 'PRIMARY' && logins.some((login) => !login.isDisabled);
  });
  const { deadMan } = seen.source;
  assert.ok(deadMan.known && deadMan.value.rehearsedUtc !== null);
  assert.equal(await register(lab), '1 aborted');
  await lab.refused({ kind: 'commit-epoch', side, epoch: 1n }, guards.registerMoved.number);
}

test('without a dead-man that starts nothing is fenced', async (context) => {
  const lab = await startProtocolLab(context, { cutover: { deadMan: 'agent' } });
  await lab.act({ kind: 'drop-dead-man', side: 'source' });
  await lab.refused(demotion(), guards.deadManStart.number);
  assert.equal(await register(lab), '1 aborted');
  assert.equal(await lab.role('source'), 'PRIMARY');
  await lab.refused({ kind: 'rehearse-dead-man', side: 'source' }, guards.deadManStart.number);
});

test('a register that was changed by hand decides nothing', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  await lab.text('source', `UPDATE ${REGISTER} SET epoch = 7`);
  const control = await lab.control('source');
  assert.ok(control.kind === 'present' && !control.register.isIntact);
  await lab.refused(demotion({ fromEpoch: 7n }), guards.registerTampered.number);
  await lab.text('target', `UPDATE ${REFUSED} SET epoch = 0, source_id = N'x'`);
  await lab.refused(promotion(await lab.targetLsns()), guards.registerTampered.number);
  assert.equal(await lab.role('source'), 'PRIMARY');
});

test('a register of a newer protocol, of another pair, or none stops every batch', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  await lab.text('source', `UPDATE ${REGISTER} SET protocol = 2`);
  assert.deepEqual(await lab.control('source'), { kind: 'newer-protocol', protocol: 2 });
  await lab.refused(demotion(), guards.registerNewer.number);
  await lab.refused({ kind: 'drop-register', side: 'source' }, guards.registerNewer.number);
  await lab.text('source', `DELETE FROM ${REGISTER}`);
  assert.deepEqual(await lab.control('source'), { kind: 'no-row' });
  await lab.refused(demotion(), guards.registerMissing.number);
  await lab.done({ kind: 'drop-register', side: 'source' });
  assert.deepEqual(await lab.control('source'), { kind: 'missing' });
  await lab.refused(demotion(), guards.registerMissing.number);
  assert.equal(await lab.role('source'), 'PRIMARY');
});

test('a second operator is told who leads, and takes over exactly that session', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  const second = lab.operator(true);
  const seen = await second.observe(never);
  const { leadership } = seen.source;
  assert.ok(leadership.known && leadership.value.kind === 'other');
  assert.equal(leadership.value.loginName, 'sa');
  const { sessionId, loginTimeUtc } = leadership.value;
  const wrong = { kind: 'take-over', side: 'source', sessionId } as const;
  const early = await second.perform({ ...wrong, loginTimeUtc: '2001-01-01T00:00:00.000Z' }, never);
  assert.ok(early.outcome === 'failed');
  assert.equal(early.problem.code, 'SF-CUT-143');
  const ended = await second.perform({ ...wrong, loginTimeUtc }, never);
  assert.ok(ended.outcome === 'ok', JSON.stringify(ended));
  const after = await second.observe(never);
  assert.deepEqual(after.source.leadership, { known: true, value: { kind: 'ours' } });
  // The first operator's session is gone: what it still wanted to do is refused or lost, never done.
  const late = await lab.act(demotion());
  assert.notEqual(late.outcome, 'ok');
  assert.equal(await register(lab), '0 idle');
});

test('a session that only looks takes no leadership and sees it free or held', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  const watcher = lab.operator(false);
  const held = (await watcher.observe(never)).target.leadership;
  assert.ok(held.known && held.value.kind === 'other');
  lab.servers.close();
  for (let turn = 0; turn < 500; turn += 1) {
    const { leadership } = (await watcher.observe(never)).target;
    if (leadership.known && leadership.value.kind === 'free') return;
  }
  assert.fail('the lock outlived its session');
});

test('an operator that lost its rights after the look changes nothing', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  await lab.text('source', 'ALTER SERVER ROLE [sysadmin] ADD MEMBER [visitor]');
  const visitor = lab.operator(false, 'visitor');
  const seen = await visitor.observe(never);
  assert.ok(seen.source.control.known && seen.source.control.value.kind === 'present');
  await lab.text('source', 'ALTER SERVER ROLE [sysadmin] DROP MEMBER [visitor]');
  const reply = await visitor.perform(demotion(), never);
  assert.equal(reply.outcome, 'failed');
  const blind = await visitor.observe(never);
  assert.equal(blind.source.control.known, false, 'what may not be read is unknown, not missing');
  assert.equal(await register(lab), '0 idle');
  assert.equal(await lab.role('source'), 'PRIMARY');
});

test('what was used as an epoch of the other direction is refused for the future', async (context) => {
  const lab = await startProtocolLab(context, deadManOff);
  await lab.done(demotion({ refuseEpoch: 4n }));
  const control = await lab.control('source');
  assert.ok(control.kind === 'present');
  assert.equal(control.refused.epoch, 4n);
  assert.ok(control.refused.isIntact);
});
