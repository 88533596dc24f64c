/** What the form of a migration file allows but cannot work: names used twice, ports that cannot be right. */

import type { Side } from '../../model/side.ts';
import type { MigrationFile } from './schema.ts';

/** A mistake whose place is not looked up yet. */
export interface MeaningMistake {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** What the form allows but cannot work. */
export function meaningMistakes(file: MigrationFile): readonly MeaningMistake[] {
  const mistakes: MeaningMistake[] = [];
  const groups = new Set<string>();
  const named: readonly [readonly string[], string][] = [
    [['source', 'availabilityGroup'], file.source.availabilityGroup],
    [['target', 'availabilityGroup'], file.target.availabilityGroup],
    [['distributedAvailabilityGroup'], file.distributedAvailabilityGroup],
  ];
  for (const [path, name] of named) {
    if (groups.has(name.toLowerCase())) {
      const message = `[${name}] is used twice; both groups and the distributed one need names of their own`;
      mistakes.push({ path, message });
    }
    groups.add(name.toLowerCase());
  }
  mistakes.push(...instanceMistakes(file), ...listenerMistakes(file));
  const seen = new Set<string>(['master', 'tempdb', 'model', 'msdb']);
  const databases = Array.isArray(file.databases) ? file.databases : [];
  for (const [index, name] of databases.entries()) {
    if (seen.has(name.toLowerCase())) {
      const message = `[${name}] is a system database or named twice`;
      mistakes.push({ path: ['databases', index], message });
    }
    seen.add(name.toLowerCase());
  }
  return mistakes;
}

const bothSides: readonly Side[] = ['source', 'target'];

/** Replicas that an availability group may have (Microsoft Learn, prerequisites of availability groups). */
const MOST_REPLICAS = 9;

function instanceMistakes(file: MigrationFile): readonly MeaningMistake[] {
  const mistakes: MeaningMistake[] = [];
  const names = new Set<string>();
  for (const side of bothSides) {
    const { instances } = file[side];
    const [first] = instances;
    for (const [index, { name, endpoint }] of instances.entries()) {
      if (names.has(name.toLowerCase())) {
        const message = `[${name}] is named twice; every instance belongs to one side and is named once`;
        mistakes.push({ path: [side, 'instances', index, 'name'], message });
      }
      names.add(name.toLowerCase());
      if (endpoint.port === first.endpoint.port) continue;
      const message = `the endpoint of [${name}] has port ${endpoint.port}, that of [${first.name}] ${first.endpoint.port}; LISTENER_URL carries one port for all replicas, so they must be equal`;
      mistakes.push({ path: [side, 'instances', index], message });
    }
    if (instances.length > MOST_REPLICAS) {
      const message = `${instances.length} instances; an availability group has at most ${MOST_REPLICAS} replicas`;
      mistakes.push({ path: [side, 'instances'], message });
    }
  }
  return mistakes;
}

function listenerMistakes(file: MigrationFile): readonly MeaningMistake[] {
  const mistakes: MeaningMistake[] = [];
  const { source, target } = file;
  for (const side of bothSides) {
    const { listener, instances } = file[side];
    const [first] = instances;
    if (listener === null) {
      const other = side === 'source' ? target : source;
      if (instances.length === 1 && other.listener === null) continue;
      const message =
        instances.length > 1
          ? `${instances.length} instances and no listener; the distributed group reaches several replicas through their listener: add listener: {name, port, ips}`
          : 'no listener, and the other side has one; give both sides a listener, or neither';
      mistakes.push({ path: [side], message });
      continue;
    }
    if (listener.port === first.endpoint.port) {
      const message = `port ${listener.port} is the port of the endpoint; write the port that applications connect to, LISTENER_URL takes the endpoint's by itself`;
      mistakes.push({ path: [side, 'listener', 'port'], message });
    }
    const host = instances.find(
      (instance) => instance.fqdn.split('.')[0]?.toLowerCase() === listener.name.toLowerCase(),
    );
    if (host !== undefined) {
      const message = `[${listener.name}] is the host of [${host.name}]; a listener has a name of its own`;
      mistakes.push({ path: [side, 'listener', 'name'], message });
    }
  }
  const [from, to] = [source.listener, target.listener];
  if (from !== null && to !== null && from.name.toLowerCase() === to.name.toLowerCase()) {
    const message = `[${to.name}] is the listener of the source too; each side has one of its own`;
    mistakes.push({ path: ['target', 'listener', 'name'], message });
  }
  return mistakes;
}
