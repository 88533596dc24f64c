/** What is not in order before anybody comes, brought about by the statements a person would have run. */

import { unreachable } from '../../base/assert.ts';
import { batchFor } from '../../sql/statement/batch-for.ts';
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

function said(world: SimWorld, text: string): void {
  refuseError(world.run('source', parsedStatement(text)));
}

function refuseError(error: { readonly number: number } | null): void {
  if (error !== null) throw new Error(`the mishap was refused with error ${error.number}`);
}
