import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  alterLocal,
  contents,
  copyOn,
  cutBetween,
  database,
  servers,
  twoPlusTwo,
} from '../../../tests/support/hadr-replicas.ts';
import type { Server } from '../../../tests/support/hadr-replicas.ts';
import { alter } from '../../../tests/support/hadr-scenario.ts';
import { accessTo } from './access.ts';
import type { VirtualTime } from './virtual-time.ts';

const seed = Number(process.env['SEED'] ?? 20_261_122);
const runs = Number(process.env['RUNS'] ?? 80);

/** Mostly the side that takes writes at the start: there a mistake costs a commit. */
const server = fc.constantFrom(
  ...servers,
  'OnPremNode',
  'OnPremNode',
  'OnPremNode2',
  'OnPremNode2',
);
const command = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('commit'), server }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('advance'),
      server,
      ms: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 15_000 })),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constantFrom('cut', 'cut', 'heal'),
      server,
      other: server,
    }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constantFrom('crash', 'restart'), server }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('failover'), server }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('switch'), server }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('suspend', 'resume'), server }) },
);

interface Command {
  readonly kind: string;
  readonly server: Server;
  readonly other?: Server;
  readonly ms?: number;
}

/** Two clustered groups: only planned and automatic failovers inside a side, so nothing acknowledged may be lost. */
class Run {
  readonly world: VirtualTime = twoPlusTwo({ clusterType: 'WSFC', failoverMode: 'AUTOMATIC' });
  #commit = 0;

  perform({ kind, server: name, other = name, ms = 0 }: Command): void {
    const { world } = this;
    const key = name.toLowerCase();
    const isUp = world.state.instances[key]?.up === true;
    switch (kind) {
      case 'commit':
        this.#commit += 1;
        // An application writes where it can.
        world.commit({ instance: this.writable()[0] ?? name, database }, this.#commit);
        return;
      case 'advance':
        return world.advance(ms);
      case 'cut':
      case 'heal':
        return other === name ? undefined : cutBetween(world, [name, other], kind === 'cut');
      case 'crash':
        return world.apply({ kind: 'crash', instance: key });
      case 'restart':
        return world.apply({ kind: 'restart', instance: key, hadrEnabled: true });
      case 'failover':
        if (isUp) alterLocal(world, name, { kind: 'failover' });
        return;
      case 'switch':
        return this.#switchSides();
      case 'suspend':
      case 'resume':
        if (isUp)
          world.statement(name, { kind: 'alter-database-hadr', database, action: { kind } });
    }
  }

  /** A cutover in the right order: forward when the target has everything, back otherwise. */
  #switchSides(): void {
    const { world } = this;
    const from = this.#inRole('PRIMARY');
    const to = this.#inRole('SECONDARY');
    if (from === undefined || to === undefined) return;
    const dag = world.state.instances[from.toLowerCase()]?.distributed['dag'];
    if (dag?.databases[database.toLowerCase()]?.synchronizationState !== 'SYNCHRONIZED') return;
    if (alter(world, from, { kind: 'set-role-secondary' }) !== null) return;
    world.advance(100);
    const isWhole = copyOn(world, from).log.end === copyOn(world, to).log.end;
    alter(world, isWhole ? to : from, { kind: 'force-failover-allow-data-loss' });
  }

  /** A switch that a crash cut short: the side with the longer log gets the role. */
  #finishSwitch(): void {
    const { world } = this;
    if (this.#inRole('PRIMARY') !== undefined) return;
    const ends = servers
      .filter((name) => world.state.instances[name.toLowerCase()]?.distributed['dag'] !== undefined)
      .map((name) => ({ name, end: copyOn(world, name).log.end }))
      .toSorted((left, right) => (left.end > right.end ? -1 : 1));
    const [longest] = ends;
    if (longest !== undefined)
      alter(world, longest.name, { kind: 'force-failover-allow-data-loss' });
    world.advance(5_000);
  }

  #inRole(role: 'PRIMARY' | 'SECONDARY'): Server | undefined {
    return servers.find((name) => {
      const instance = this.world.state.instances[name.toLowerCase()];
      return instance?.up === true && instance.distributed['dag']?.role === role;
    });
  }

  /** Servers that take writes now. */
  writable(): readonly Server[] {
    return servers.filter((name) => {
      const instance = name.toLowerCase();
      const place = { instance, database: database.toLowerCase() };
      const access = accessTo(this.world.state, place, false);
      const isUp = this.world.state.instances[instance]?.up === true;
      return isUp && access.kind === 'open' && access.writable;
    });
  }

  check(): void {
    assert.ok(this.writable().length <= 1, `one writable copy, not ${this.writable().join()}`);
    for (const name of servers) {
      const copy = copyOn(this.world, name);
      assert.ok(copy.redonePosition <= copy.log.end, 'redone <= hardened');
      assert.ok(copy.log.start <= copy.redonePosition, 'redo lies in the log');
    }
  }

  /** Everything heals and is told to go on. */
  settle(): void {
    const { world } = this;
    for (const left of servers)
      for (const right of servers) if (left < right) cutBetween(world, [left, right], false);
    for (const name of servers)
      world.apply({ kind: 'restart', instance: name.toLowerCase(), hadrEnabled: true });
    world.advance(20_000);
    this.#finishSwitch();
    for (let round = 0; round < 3; round += 1) {
      for (const name of servers)
        world.statement(name, {
          kind: 'alter-database-hadr',
          database,
          action: { kind: 'resume' },
        });
      world.advance(20_000);
    }
  }
}

test(`four replicas under random faults: one writable copy, nothing acknowledged is lost, all copies end equal (seed ${seed})`, () => {
  fc.assert(
    fc.property(fc.array(command, { minLength: 5, maxLength: 40 }), (commands) => {
      const run = new Run();
      for (const each of commands) {
        run.perform(each);
        run.check();
      }
      run.settle();
      const all = contents(run.world);
      const [first = []] = all;
      for (const [index, rows] of all.entries())
        assert.deepEqual(rows, first, `${servers[index]} is equal to the others`);
      for (const [id, fate] of run.world.commits)
        if (fate === 'acknowledged') assert.ok(first.includes(id), `commit ${id} was acknowledged`);
    }),
    { seed, numRuns: runs },
  );
});
