/** What persons do beside sqlferry: before anybody comes, and in the middle of everything. */

import { unreachable } from '../../base/assert.ts';
import { sides } from '../../reconcile/look.ts';
import { batchFor } from '../../sql/statement/batch-for.ts';
import { alter } from '../semantics/batch.ts';
import { parsedStatement, setUpStatement } from '../semantics/set-up.ts';
import type { Mishap } from './scenario.ts';
import type { SimWorld } from './world.ts';

/** Brings it about. */
export function bringAbout(world: SimWorld, mishap: Mishap): void {
  const { migration } = world;
  switch (mishap) {
    case 'endpoint-stopped': {
      const { name } = migration.source.instances[0].endpoint;
      return said(world, `ALTER ENDPOINT [${name}] STATE = STOPPED;`);
    }
    case 'replica-asynchronous': {
      const { text } = batchFor({ kind: 'set-replica-synchronous', side: 'source' }, migration);
      return said(world, text.replaceAll('SYNCHRONOUS_COMMIT', 'ASYNCHRONOUS_COMMIT'));
    }
    case 'database-missing': {
      const act = {
        kind: 'create-availability-group',
        side: 'source',
        databases: world.databases.slice(0, 1),
      } as const;
      refuseError(world.run('source', setUpStatement(act, migration)));
      return undefined;
    }
  }
  return unreachable(mishap);
}

/** Both sides commit asynchronously from now on, and commits wait for nobody. */
export function makeAsynchronous(world: SimWorld): void {
  for (const side of sides) {
    if (!world.isUp(side)) continue;
    const members = (world.dag(side)?.members ?? []).map((member) => ({
      availabilityGroup: member.group,
      availabilityMode: 'ASYNCHRONOUS_COMMIT' as const,
    }));
    const options = { requiredSynchronizedSecondariesToCommit: 0 };
    alter(world, side, { kind: 'set-options', options });
    alter(world, side, { kind: 'modify-distributed', members });
  }
}

/** The source gives its role away outside of any epoch; whether the server let it. */
export function takeRole(world: SimWorld): boolean {
  return alter(world, 'source', { kind: 'set-role-secondary' }) === null;
}

/** The source takes it back; it is the only side that had it. A commit that waits for nobody is what it asks for first. */
export function giveRole(world: SimWorld): void {
  const options = { requiredSynchronizedSecondariesToCommit: 0 };
  alter(world, 'source', { kind: 'set-options', options });
  alter(world, 'source', { kind: 'force-failover-allow-data-loss' });
}

/** SEEDING_MODE = MANUAL on the source: a seeding that runs ends, none begins. */
export function cancelSeeding(world: SimWorld): void {
  if (!world.isUp('source')) return;
  const { text } = batchFor({ kind: 'restart-seeding', side: 'source' }, world.migration);
  world.run('source', parsedStatement(text.replaceAll('AUTOMATIC', 'MANUAL')));
}

function said(world: SimWorld, text: string): void {
  refuseError(world.run('source', parsedStatement(text)));
}

function refuseError(error: { readonly number: number } | null): void {
  if (error !== null) throw new Error(`the mishap was refused with error ${error.number}`);
}
