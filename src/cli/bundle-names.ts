/** Names that `bundle --redact-names` replaces, each with one replacement. Pure. */

import { instancesOf } from '../model/assess-facts.ts';
import type { AssessFacts } from '../model/assess-facts.ts';
import type { Migration, MigrationSide } from '../model/migration.ts';

/** Where names come from. */
export interface NameSources {
  readonly migration: Migration;
  readonly facts: AssessFacts;
  /** Hosts and users that connections are made with, and the operator's own. */
  readonly contacts: readonly string[];
  /** The text that the names will be taken from: IPv4 addresses in it count as names. */
  readonly text: string;
}

/** Name -> `instance-1`, `host-2`, `database-3`, ... */
export function redactedNames(sources: NameSources): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const seen = new Set<string>();
  const counts = new Map<string, number>();
  const add = (kind: string, name: string | null): void => {
    if (name === null || name === '' || KEPT.has(name.toLowerCase())) return;
    if (seen.has(name.toLowerCase())) return;
    seen.add(name.toLowerCase());
    const next = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, next);
    names.set(name, `${kind}-${next}`);
  };
  const { migration, facts, contacts, text } = sources;
  for (const side of [migration.source, migration.target]) addSide(add, side);
  add('group', migration.distributedAvailabilityGroup);
  add('migration', migration.name);
  if (migration.databases.kind === 'named') {
    for (const name of migration.databases.names) add('database', name);
  }
  for (const login of migration.cutover.fenceLogins) add('login', login);
  for (const side of ['source', 'target'] as const) {
    for (const instance of instancesOf(facts, side)) addSeen(add, instance);
  }
  for (const name of contacts) add('contact', name);
  for (const [address] of text.matchAll(ADDRESS)) add('address', address);
  return names;
}

/** Four numbers of at most 255; builds of SQL Server (16.0.4135.4) are none. */
const ADDRESS =
  /(?<![\w.])(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)(?![\w.])/gu;

/** Words that say nothing about anybody. */
const KEPT = new Set(['sa', 'master', 'model', 'msdb', 'tempdb', 'localhost', '127.0.0.1', 'dag']);

type Add = (kind: string, name: string | null) => void;

function addSide(add: Add, side: MigrationSide): void {
  for (const { name, fqdn, endpoint } of side.instances) {
    add('host', fqdn);
    add('domain', fqdn.includes('.') ? fqdn.slice(fqdn.indexOf('.') + 1) : null);
    add('instance', name);
    add('host', fqdn.split('.')[0] ?? null);
    add('endpoint', endpoint.name);
  }
  add('group', side.availabilityGroup);
  if (side.listener === null) return;
  add('listener', side.listener.name);
  add('listener', side.listener.fqdn ?? null);
  for (const ip of side.listener.ips) add('address', ip.split('/')[0] ?? null);
}

function addSeen(add: Add, seen: AssessFacts['source']): void {
  if (seen.server.known) {
    const { serverName, serverPropertyName, machineName, defaultDomain, serviceAccount } =
      seen.server.value;
    add('instance', serverName);
    add('instance', serverPropertyName);
    add('host', machineName);
    add('account', serviceAccount);
    add('domain', defaultDomain);
  }
  if (seen.databases.known) for (const { name } of seen.databases.value) add('database', name);
  if (seen.availabilityGroups.known) {
    for (const group of seen.availabilityGroups.value) {
      add('group', group.name);
      for (const replica of group.replicas) add('instance', replica);
      for (const database of group.databases) add('database', database);
      for (const listener of group.listeners) add('listener', listener);
    }
  }
  if (seen.cluster.known && seen.cluster.value !== null) {
    add('cluster', seen.cluster.value.clusterName);
    for (const { memberName } of seen.cluster.value.members) add('host', memberName);
  }
  if (seen.windowsLogins.known)
    for (const { name } of seen.windowsLogins.value) add('account', name);
}
