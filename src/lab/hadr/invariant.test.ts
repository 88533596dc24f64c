import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  alter,
  cut,
  dag,
  database,
  databaseOn,
  members,
  source,
  synchronized,
  target,
} from '../../../tests/support/hadr-scenario.ts';
import { accessTo } from './access.ts';
import type { VirtualTime } from './virtual-time.ts';

const seed = Number(process.env['SEED'] ?? 20_261_121);
const runs = Number(process.env['RUNS'] ?? 150);

const side = fc.constantFrom(source, target);
const command = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('commit' as const), side }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      ms: fc.integer({ min: 1, max: 15_000 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom('cut', 'heal', 'cut-one-way'), side }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('crash', 'restart'), side }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('demote', 'force'), side }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('suspend', 'resume'), side }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constantFrom('synchronous' as const, 'asynchronous' as const),
      side,
    }),
  },
);

interface Command {
  readonly kind: string;
  readonly side?: string;
  readonly ms?: number;
}

class Run {
  readonly world: VirtualTime = synchronized();
  /** A side was forced while the other was not a demoted one: two writable copies are the operator's doing. */
  unsafe = false;
  #commit = 0;

  perform({ kind, side = source, ms = 0 }: Command): void {
    const { world } = this;
    const key = side.toLowerCase();
    const other = side === source ? target : source;
    const up = world.state.instances[key]?.up === true;
    switch (kind) {
      case 'commit':
        this.#commit += 1;
        if (up) world.commit({ instance: side, database }, this.#commit);
        return;
      case 'advance':
        return world.advance(ms);
      case 'cut':
      case 'heal':
        return cut(world, kind === 'cut');
      case 'cut-one-way':
        return world.apply({
          kind: 'set-link',
          from: key,
          to: other.toLowerCase(),
          change: { cut: true },
        });
      case 'crash':
        return world.apply({ kind: 'crash', instance: key });
      case 'restart':
        return world.apply({ kind: 'restart', instance: key, hadrEnabled: true });
      case 'demote':
        if (up) alter(world, side, { kind: 'set-role-secondary' });
        return;
      case 'force': {
        if (!up) return;
        const error = alter(world, side, { kind: 'force-failover-allow-data-loss' });
        if (error === null && dag(world, other).role !== 'SECONDARY') this.unsafe = true;
        return;
      }
      case 'suspend':
      case 'resume':
        if (up) world.statement(side, { kind: 'alter-database-hadr', database, action: { kind } });
        return;
      case 'synchronous':
      case 'asynchronous':
        if (up)
          alter(world, side, {
            kind: 'modify-distributed',
            members: members(kind === 'synchronous' ? 'SYNCHRONOUS_COMMIT' : 'ASYNCHRONOUS_COMMIT'),
          });
    }
  }

  check(): void {
    const { world } = this;
    for (const each of [source, target]) {
      const copy = databaseOn(world, each);
      assert.ok(copy.log.start <= copy.redonePosition, 'redo lies in the log');
      assert.ok(copy.redonePosition <= copy.log.end, 'redone <= hardened');
      const records = copy.log.chunks.flat();
      records.reduce((before, record) => {
        assert.equal(record.start, before, 'the log has no hole');
        assert.ok(record.lsn > record.start && record.lsn < record.end, 'LSNs grow');
        return record.end;
      }, copy.log.start);
      assert.ok(records.length === 0 || records.at(-1)?.end === copy.log.end);
    }
    if (!this.unsafe) assert.ok(this.writable().length <= 1, 'one writable copy at most');
    for (const [primary, secondary] of [
      [source, target],
      [target, source],
    ] as const)
      this.#checkSynchronized(primary, secondary);
  }

  writable(): readonly string[] {
    return [source, target].filter((each) => {
      const instance = each.toLowerCase();
      const access = accessTo(
        this.world.state,
        { instance, database: database.toLowerCase() },
        false,
      );
      return (
        this.world.state.instances[instance]?.up === true &&
        access.kind === 'open' &&
        access.writable
      );
    });
  }

  /** What was acknowledged while the copy is SYNCHRONIZED is on the copy. */
  #checkSynchronized(primary: string, secondary: string): void {
    const { world } = this;
    const partner = dag(world, primary).databases[database.toLowerCase()];
    if (dag(world, primary).role !== 'PRIMARY' || partner?.synchronizationState !== 'SYNCHRONIZED')
      return;
    const there = new Set(world.contentOf(secondary, database));
    for (const id of world.contentOf(primary, database))
      if (world.commits.get(id) === 'acknowledged')
        assert.ok(there.has(id), `commit ${id} was acknowledged but is not on ${secondary}`);
  }

  /** Faults end, administrators help: with one primary both copies become equal. */
  converge(): void {
    const { world } = this;
    cut(world, false);
    for (const each of [source, target]) this.perform({ kind: 'restart', side: each });
    world.advance(5_000);
    for (let round = 0; round < 3; round += 1) {
      for (const each of [source, target]) this.perform({ kind: 'resume', side: each });
      world.advance(15_000);
    }
    const primaries = [source, target].filter((each) => dag(world, each).role === 'PRIMARY');
    if (primaries.length !== 1) return;
    assert.deepEqual(world.contentOf(source, database), world.contentOf(target, database));
    assert.equal(databaseOn(world, source).log.end, databaseOn(world, target).log.end);
  }
}

test(`random faults, roles and commits break no invariant and end in equal copies (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 1, maxLength: 60 }), (commands) => {
      const run = new Run();
      for (const each of commands) {
        run.perform(each);
        run.check();
      }
      run.converge();
      run.check();
    }),
    { seed, numRuns: runs },
  );
});

test('the engine is pure: the same events give the same states, and no state is changed', () => {
  const first = synchronized();
  const frozen = JSON.stringify(first.state, (_key, value: unknown) =>
    typeof value === 'bigint' ? value.toString() : value,
  );
  const before = first.state;
  first.commit({ instance: source, database }, 1);
  first.advance(100);
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, each: unknown) =>
      typeof each === 'bigint' ? each.toString() : each,
    );
  assert.equal(text(before), frozen);
  const second = synchronized();
  second.commit({ instance: source, database }, 1);
  second.advance(100);
  assert.equal(text(second.state), text(first.state));
});
