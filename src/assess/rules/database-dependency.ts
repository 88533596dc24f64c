/** Rules about what a selected database needs outside itself, and who needs it. */

import { sameName, shownName } from '../../base/name.ts';
import type { DependencyFacts } from '../../model/assess-database-detail.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import { known, type Fact } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import {
  detailRule,
  insideOf,
  rowsAbout,
  someNames,
  thingsIn,
  type DetailContext,
} from '../database-detail.ts';
import { selectedFacts } from '../database-rule.ts';
import { doubtful, good, type AssessRule } from '../rule.ts';

/** Names in modules that mean the database itself or one that every server has. */
const EVERYWHERE: ReadonlySet<string> = new Set(['master', 'msdb', 'tempdb', 'model']);

/** Where a synonym points to: its database and server, as far as it names them. */
export function synonymTarget(baseObject: string): {
  readonly server: string | null;
  readonly database: string | null;
} {
  const parts: string[] = [];
  const pattern = /\[((?:[^\]]|\]\])*)\]|"((?:[^"]|"")*)"|([^.[\]"]+)|(?<=\.)(?=\.)|^(?=\.)/gu;
  for (const [, bracketed, quoted, plain] of baseObject.matchAll(pattern)) {
    parts.push(
      bracketed?.replaceAll(']]', ']') ?? quoted?.replaceAll('""', '"') ?? plain?.trim() ?? '',
    );
  }
  const named = (fromEnd: number): string | null => {
    const part = parts.at(-fromEnd);
    return part === undefined || part === '' ? null : part;
  };
  return {
    server: parts.length >= 4 ? named(4) : null,
    database: parts.length >= 3 ? named(3) : null,
  };
}

interface Uses {
  /** Other databases of this server, with the number of references. */
  readonly databases: ReadonlyMap<string, number>;
  /** Other servers. */
  readonly servers: ReadonlyMap<string, number>;
}

/** What the modules and synonyms of a database name outside it. */
function usesOf(things: readonly DependencyFacts[], own: string): Uses {
  const databases = new Map<string, number>();
  const servers = new Map<string, number>();
  const add = (to: Map<string, number>, name: string, count: number): void => {
    const key = [...to.keys()].find((each) => sameName(each, name)) ?? name;
    to.set(key, (to.get(key) ?? 0) + count);
  };
  for (const { kind, name, amount } of things) {
    if (kind === 'server') add(servers, name, amount);
    else if (kind === 'database') add(databases, name, amount);
    else {
      const { server, database } = synonymTarget(name);
      if (server !== null) add(servers, server, amount);
      else if (database !== null) add(databases, database, amount);
    }
  }
  for (const name of databases.keys()) {
    if (sameName(name, own) || EVERYWHERE.has(name.toLowerCase())) databases.delete(name);
  }
  return { databases, servers };
}

function readUses(source: AssessFacts['source'], { database }: DetailContext): Fact<Uses> {
  const things = insideOf(source.dependencies, database.name);
  return things.known ? known(usesOf(things.value, database.name)) : things;
}

function travels(name: string, facts: AssessFacts, migration: Migration): boolean {
  const named = rowsAbout(facts.source.databases, name);
  return named.known && selectedFacts(named.value, migration).length > 0;
}

function counted(uses: ReadonlyMap<string, number>): readonly string[] {
  return [...uses].map(([name, count]) => `${shownName(name)} (${count})`);
}

/** Rules about dependencies. */
export const databaseDependencyRules: readonly AssessRule[] = [
  detailRule({
    id: 'DB-CROSS-DATABASE',
    title: 'Databases that the modules name travel too',
    family: 'databases',
    why: 'Procedures, views and synonyms with three-part names fail when the other database stays behind, and transactions over both are not carried over a switch as one.',
    remedy: 'Put the other databases into the same migration, or change the modules.',
    reference: 'crossDatabase',
    read: readUses,
    judge: ({ databases }, { shown, facts, migration }) => {
      const staying = [...databases].filter(([name]) => !travels(name, facts, migration));
      if (staying.length > 0)
        return doubtful(
          `Modules of ${shown} name databases that do not travel: ${someNames(counted(new Map(staying)))}.`,
        );
      return databases.size === 0
        ? good(`Modules of ${shown} name no other database.`)
        : good(`All databases that ${shown} names travel too: ${someNames(counted(databases))}.`);
    },
  }),
  detailRule({
    id: 'DB-TOGETHER',
    title: 'Databases that belong together are consistent after the switch',
    family: 'databases',
    why: 'Each database of a group is switched at its own last transaction; one transaction over two of them may be on the target in one and not in the other after a forced failover.',
    remedy:
      'Stop writers before the cutover (the fence of the migration file), and compare afterwards; DTC_SUPPORT = PER_DB for distributed transactions.',
    reference: 'crossDatabase',
    read: readUses,
    judge: ({ databases }, { shown, facts, migration }) => {
      const both = [...databases.keys()].filter((name) => travels(name, facts, migration));
      return both.length === 0
        ? good(
            `${shown} has no transactions with another database that travels, as far as modules show.`,
          )
        : doubtful(`${shown} works with ${someNames(both.map(shownName))}, which travel with it.`);
    },
  }),
  detailRule({
    id: 'DB-LINKED-SERVERS',
    title: 'Modules use no linked servers',
    family: 'databases',
    why: 'Linked servers and their logins are on the server and do not travel; from the target the way may be closed.',
    remedy:
      'Create the linked servers on the target under the same names, and test each (EXEC sys.sp_testlinkedserver).',
    reference: 'manageMetadata',
    read: readUses,
    judge: ({ servers }, { shown }) =>
      servers.size === 0
        ? good(`Modules of ${shown} name no other server.`)
        : doubtful(`Modules of ${shown} name other servers: ${someNames(counted(servers))}.`),
  }),
  detailRule({
    id: 'DB-EXTERNAL-SOURCES',
    title: 'The database has no external data sources',
    family: 'databases',
    why: 'Their addresses, PolyBase itself and firewalls belong to the server.',
    remedy: 'Test each from the target; install PolyBase there when it is used.',
    reference: 'manageMetadata',
    read: (source, { database }) => thingsIn(source, database.name, ['external-source']),
    judge: (things, { shown }) =>
      things.length === 0
        ? good(`${shown} has no external data sources.`)
        : doubtful(
            `External data sources of ${shown}: ${someNames(things.map(({ name, detail }) => `${shownName(name)} (${detail})`))}.`,
          ),
  }),
];
