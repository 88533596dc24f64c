/** A migrated small lab with its register, and the acts of a switch by hand: what guards alone decide. */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';

import { systemClock } from '../../src/adapters/clock.ts';
import { openServers, type SqlServers } from '../../src/adapters/sqlserver/servers.ts';
import { required } from '../../src/base/assert.ts';
import type { Act, ActReply, FinalLsn } from '../../src/model/act.ts';
import { sideOf, type Observation } from '../../src/model/observation.ts';
import type { ControlState } from '../../src/model/register.ts';
import type { Side } from '../../src/model/side.ts';
import { startSmallLab, type SmallLab, type SmallLabOptions } from './small-lab.ts';

const never = new AbortController().signal;

/** The database of the lab. */
export const databases = ['Adventureworks'] as const;

/** What a test asks and sends. */
export interface ProtocolLab extends SmallLab {
  look(): Promise<Observation>;
  role(side: Side): Promise<string | null>;
  control(side: Side): Promise<ControlState>;
  /** Sends an act over the lab's own servers. */
  act(act: Act): Promise<ActReply>;
  /** The same, and demands that it was accepted. */
  done(act: Act): Promise<ActReply & { outcome: 'ok' }>;
  /** The same, and demands the refusal of this number. */
  refused(act: Act, number: number): Promise<void>;
  /** Hardened LSNs of the target as a look shows them. */
  targetLsns(): Promise<readonly FinalLsn[]>;
  /** Text in a session of `sa`, without errors. */
  text(side: Side, sql: string): Promise<void>;
  /** Looks until it is so; fails after this many looks. */
  until(what: string, isSo: (seen: Observation) => boolean): Promise<Observation>;
  /** Another operator with sessions of its own; `acting` takes the leadership lock where it is free. */
  operator(acting: boolean, user?: string): SqlServers;
}

/** Starts it: both sides synchronous, every database SYNCHRONIZED, registers of epoch 0. */
export async function startProtocolLab(
  context: TestContext,
  options: SmallLabOptions = {},
): Promise<ProtocolLab> {
  const lab = await startSmallLab(context, options);
  const kit = withActs(context, lab);
  const result = await lab.run({ goal: 'migrate' });
  assert.equal(result.outcome, 'ready-for-cutover', JSON.stringify(lab.events.at(-1)));
  for (const side of ['source', 'target'] as const) {
    await kit.done({ kind: 'set-distributed-mode', side, mode: 'SYNCHRONOUS_COMMIT' });
  }
  await kit.until('SYNCHRONIZED', (seen) => {
    const row = seen.source.databases.known ? seen.source.databases.value[0] : undefined;
    return row?.distributed?.synchronizationStateDesc === 'SYNCHRONIZED';
  });
  return kit;
}

function withActs(context: TestContext, lab: SmallLab): ProtocolLab {
  const look = (): Promise<Observation> => lab.servers.observe(never);
  const act = (wanted: Act): Promise<ActReply> => lab.servers.perform(wanted, never);
  return {
    ...lab,
    look,
    act,
    async role(side) {
      const { distributed } = sideOf(await look(), side);
      return distributed.known ? (distributed.value?.localRoleDesc ?? null) : null;
    },
    async control(side) {
      const { control } = sideOf(await look(), side);
      assert.ok(control.known, control.known ? '' : control.because);
      return control.value;
    },
    async done(wanted) {
      const reply = await act(wanted);
      assert.ok(
        reply.outcome === 'ok',
        reply.outcome === 'ok' ? '' : `${wanted.kind}: ${JSON.stringify(reply.problem)}`,
      );
      return reply;
    },
    async refused(wanted, number) {
      const reply = await act(wanted);
      assert.ok(reply.outcome === 'failed', `${wanted.kind} was ${reply.outcome}`);
      assert.equal(reply.problem.evidence?.number, number, JSON.stringify(reply.problem));
    },
    async targetLsns() {
      const { target } = await look();
      assert.ok(target.databases.known);
      return target.databases.value.map(({ name, local }) => ({
        database: name,
        lsn: required(local?.lastHardenedLsn ?? local?.endOfLogLsn, `hardened LSN of ${name}`),
      }));
    },
    async text(side, sql) {
      const session = await lab.session(side);
      const answer = await session.execute({
        text: sql,
        parameters: [],
        limitMs: 10_000,
        signal: never,
      });
      assert.ok(answer.kind === 'ended', 'the session was lost');
      assert.deepEqual(answer.reply.errors, []);
      session.close();
    },
    async until(what, isSo) {
      for (let turn = 0; turn < 2000; turn += 1) {
        const seen = await look();
        if (isSo(seen)) return seen;
      }
      throw new Error(`never so: ${what}`);
    },
    operator(acting, user) {
      const { source, target } = lab.loaded.connections;
      const login =
        user === undefined ? {} : { user, password: lab.lab.password(user), domain: null };
      const loaded = {
        ...lab.loaded,
        connections: { source: { ...source, ...login }, target: { ...target, ...login } },
      };
      const servers = openServers({ loaded, clock: systemClock, acting });
      context.after(() => servers.close());
      return servers;
    },
  };
}
