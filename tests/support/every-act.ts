/** One act of every kind, for tests that must not forget one. */

import { makeLsn } from '../../src/base/lsn.ts';
import type { Act, ActKind } from '../../src/model/act.ts';
import type { Migration } from '../../src/model/migration.ts';
import { articleMigration } from './observation.ts';

/** Every kind of act, with this name wherever an act carries one. The compiler refuses a missing kind. */
export function everyAct(name: string): readonly Act[] {
  const lsn = makeLsn({ vlf: 42n, block: 1552n, slot: 1n });
  const acts: { readonly [K in ActKind]: Extract<Act, { kind: K }> } = {
    'create-endpoint': { kind: 'create-endpoint', side: 'source' },
    'start-endpoint': { kind: 'start-endpoint', side: 'target', endpoint: name },
    'create-peer-login': { kind: 'create-peer-login', side: 'source', login: name },
    'grant-endpoint-connect': {
      kind: 'grant-endpoint-connect',
      side: 'target',
      endpoint: name,
      login: name,
    },
    'create-availability-group': {
      kind: 'create-availability-group',
      side: 'source',
      databases: [name],
    },
    'add-database': { kind: 'add-database', side: 'source', database: name },
    'grant-create-database': { kind: 'grant-create-database', side: 'target' },
    'join-availability-group': {
      kind: 'join-availability-group',
      side: 'target',
      instance: name,
    },
    'create-listener': {
      kind: 'create-listener',
      side: 'target',
      listener: name,
      port: 60_173,
      addresses: [{ ip: '10.1.0.50', mask: '255.255.255.0' }],
    },
    'set-failover-mode': {
      kind: 'set-failover-mode',
      side: 'source',
      replica: name,
      mode: 'MANUAL',
    },
    'create-distributed': { kind: 'create-distributed', side: 'source' },
    'join-distributed': { kind: 'join-distributed', side: 'target' },
    'restart-seeding': { kind: 'restart-seeding', side: 'source' },
    'resume-database': { kind: 'resume-database', side: 'target', database: name },
    'set-replica-synchronous': { kind: 'set-replica-synchronous', side: 'source' },
    'set-distributed-mode': {
      kind: 'set-distributed-mode',
      side: 'target',
      mode: 'SYNCHRONOUS_COMMIT',
    },
    'disable-login': { kind: 'disable-login', side: 'source', login: name },
    'enable-login': { kind: 'enable-login', side: 'target', login: name },
    'kill-sessions': { kind: 'kill-sessions', side: 'source', databases: [name] },
    'create-control-database': { kind: 'create-control-database', side: 'source' },
    'create-register': { kind: 'create-register', side: 'target' },
    'drop-register': { kind: 'drop-register', side: 'source' },
    'create-dead-man': { kind: 'create-dead-man', side: 'source' },
    'rehearse-dead-man': { kind: 'rehearse-dead-man', side: 'source' },
    'drop-dead-man': { kind: 'drop-dead-man', side: 'source' },
    'set-required-secondaries': { kind: 'set-required-secondaries', side: 'source', value: 1 },
    'record-prior-state': {
      kind: 'record-prior-state',
      side: 'source',
      prior: { enabledLogins: [name], distributedMode: 'ASYNCHRONOUS_COMMIT' },
    },
    demote: {
      kind: 'demote',
      side: 'source',
      databases: [name],
      fromEpoch: 0n,
      budgetMs: 30_000,
      targetLsns: [{ database: name, lsn }],
      refuseEpoch: 0n,
    },
    'await-lsns': {
      kind: 'await-lsns',
      side: 'target',
      finalLsns: [{ database: name, lsn }],
      waitMs: 10_000,
    },
    'commit-epoch': { kind: 'commit-epoch', side: 'source', epoch: 1n },
    promote: {
      kind: 'promote',
      side: 'target',
      epoch: 1n,
      finalLsns: [{ database: name, lsn }],
      waitMs: 10_000,
    },
    'refuse-epoch': { kind: 'refuse-epoch', side: 'target', epoch: 1n },
    'give-back': {
      kind: 'give-back',
      side: 'source',
      databases: [name],
      epoch: 1n,
      from: 'fenced',
    },
    'close-epoch': { kind: 'close-epoch', side: 'source', epoch: 1n },
    'fence-split-brain': { kind: 'fence-split-brain', side: 'source', databases: [name] },
    'force-promote-accepting-data-loss': {
      kind: 'force-promote-accepting-data-loss',
      side: 'target',
      databases: [name],
    },
    'take-over': {
      kind: 'take-over',
      side: 'source',
      sessionId: 51,
      loginTimeUtc: '2026-11-21T12:00:00.000Z',
    },
    'drop-distributed': { kind: 'drop-distributed', side: 'target' },
  };
  return Object.values(acts);
}

/** A migration in which every name is this one. */
export function hostileMigration(name: string): Migration {
  const { source, target } = articleMigration;
  const endpoint = { name, port: 5022 };
  return {
    ...articleMigration,
    databases: { kind: 'named', names: [name] },
    distributedAvailabilityGroup: name,
    source: {
      ...source,
      availabilityGroup: name,
      instances: [{ ...source.instances[0], name, endpoint }],
    },
    target: {
      ...target,
      availabilityGroup: name,
      instances: [{ ...target.instances[0], name, endpoint }],
    },
  };
}
