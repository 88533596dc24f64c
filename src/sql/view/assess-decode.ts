/**
 * From the raw answer of the assess batch to `SideFacts`.
 *
 * The rights decide what may be trusted: a part whose right is missing is unknown, because catalog and
 * management views leave rows out without a word. A part whose query failed, or was never reached, is
 * unknown with what the server said. Decoders of the parts are in `assess/`.
 */

import type { PartFacts, SideFacts, SideHeader } from '../../model/assess-facts.ts';
import { missingRight, rightNames, type AssessRight } from '../../model/assess-right.ts';
import type { PermissionFacts, ServerFacts } from '../../model/assess-server.ts';
import { known, unknown, type Fact, type Unknown } from '../../model/fact.ts';
import type { Migration } from '../../model/migration.ts';
import { foreignPlatform } from '../../model/platform.ts';
import type { Problem } from '../../model/problem.ts';
import type { Side } from '../../model/side.ts';
import type { RawReply, RawRow, RawSet } from '../batch.ts';
import { absentRowsets, DATABASE_SET, END_SET, ERROR_SET, NO_ACCESS } from './assess-batch.ts';
import { grantText } from './assess-right.ts';
import type { DatabaseAnswer, FactPart, PartAnswer } from './assess/part.ts';
import { factParts } from './assess/table.ts';
import {
  attempt,
  bit,
  bitOrNull,
  DecodeError,
  decodePart,
  number,
  part,
  text,
  textOrNull,
} from './cell.ts';

/** Who was asked. */
export interface FactsOptions {
  readonly migration: Migration;
  readonly side: Side;
  /** Name from the migration file; default: the first of the side. */
  readonly instance?: string;
  /** What the batch was built for; default: the newest. */
  readonly versionMajor?: number;
  /** Set when the answer broke off. */
  readonly broken?: { readonly problem: Problem; readonly during: string | null };
}

/** Decodes the answer of one instance. */
export function decodeFacts(reply: RawReply, options: FactsOptions): SideFacts {
  const permissions = decodePart(part(reply, 'part_permissions'), (rows) =>
    decodePermissions(rows[0] ?? {}),
  );
  const { broken } = options;
  const header: SideHeader = {
    side: options.side,
    instance: instanceOf(options),
    connection: broken === undefined ? { kind: 'connected' } : { kind: 'broken', ...broken },
  };
  const context: Context = {
    ...split(reply),
    reply,
    options,
    permissions,
    absent: absentIn(options),
  };
  const foreign = foreignProblem(decodeFact(factParts.server, context), header.instance);
  if (foreign !== null) return unreachableFacts(options, foreign);
  return { ...header, permissions, ...allParts((factPart) => decodeFact(factPart, context)) };
}

/** A service of Azure answers like a server, and most of what it answers means something else there. */
function foreignProblem(server: Fact<ServerFacts>, instance: string): Problem | null {
  if (!server.known) return null;
  const platform = foreignPlatform(server.value.engineEdition);
  if (platform === null) return null;
  const { edition, engineEdition, productVersion } = server.value;
  return {
    code: 'SF-NET-006',
    summary: `[${instance}] is ${platform.name}, not an instance of SQL Server.`,
    because: [
      `SERVERPROPERTY('EngineEdition') is ${engineEdition}, the edition "${edition}", the version ${productVersion}.`,
    ],
    remedy: platform.instead,
    instance,
  };
}

/** The facts of an instance that could not be asked. */
export function unreachableFacts(options: FactsOptions, problem: Problem): SideFacts {
  const fact = unknown(problem.summary);
  const header: SideHeader = {
    side: options.side,
    instance: instanceOf(options),
    connection: { kind: 'unreachable', problem },
  };
  return { ...header, permissions: fact, ...allParts(() => fact) };
}

/** One fact for every part of the table. */
function allParts(make: <T>(part: FactPart<T>) => Fact<T>): Omit<PartFacts, 'permissions'> {
  const entries = Object.entries<FactPart<unknown>>(factParts).map(
    ([name, factPart]) => [name, make(factPart)] as const,
  );
  // Every name of the table has just been given the fact of its own part.
  return Object.fromEntries(entries) as unknown as Omit<PartFacts, 'permissions'>;
}

interface Context {
  readonly reply: RawReply;
  readonly options: FactsOptions;
  readonly permissions: Fact<PermissionFacts>;
  /** Rowsets that this version has nothing to answer with. */
  readonly absent: ReadonlyMap<string, string>;
  /** Rowsets about the instance. */
  readonly instance: Answered;
  /** Rowsets from inside databases, each after the row that names it. */
  readonly databases: readonly { readonly row: RawRow; readonly answered: Answered }[];
}

/** What came for each rowset: rows, or the error of its query. */
interface Answered {
  readonly sets: Map<string, readonly RawRow[]>;
  readonly errors: Map<string, QueryError>;
}

function decodeFact<T>(factPart: FactPart<T>, context: Context): Fact<T> {
  const { permissions } = context;
  if (!permissions.known) return permissions;
  const missing = missingRight(permissions.value, factPart.needs);
  if (missing !== null) return lacking(permissions.value, missing);
  const { needs, rowsetNeeds = {} } = factPart;
  const asked: Asked = { needs, rowsetNeeds, held: permissions.value };
  const answer = answerOf(context.instance, context, asked);
  const inside = Object.keys(factPart.inside);
  const looksInside = inside.length > 0;
  const absent = inside.map((rowset) => context.absent.get(rowset));
  if (looksInside && absent.every((because) => because !== undefined))
    return unknown(absent[0] ?? 'not asked here');
  return attempt(() => {
    if (!looksInside) return factPart.decode(answer, []);
    if (!context.instance.sets.has(END_SET)) refuse(unanswered(context, DATABASE_SET));
    return factPart.decode(
      answer,
      context.databases.map(({ row, answered }) => ({
        ...databaseOf(row, permissions.value),
        ...answerOf(answered, context, asked),
      })),
    );
  });
}

function databaseOf(
  row: RawRow,
  permissions: PermissionFacts,
): Pick<DatabaseAnswer, 'name' | 'because' | 'remedy'> {
  const because = textOrNull(row, 'because');
  return {
    name: text(row, 'name'),
    because,
    remedy: because === NO_ACCESS ? grantText('connectAnyDatabase', permissions.loginName) : null,
  };
}

/** A right that is missing, with the statement that gives it. */
function lacking(permissions: PermissionFacts, right: AssessRight): Unknown {
  const { loginName } = permissions;
  return unknown(`login [${loginName}] has no ${rightNames[right]}`, grantText(right, loginName));
}

/** Which rowsets belong to the instance, and which to a database. */
function split(reply: RawReply): Pick<Context, 'instance' | 'databases'> {
  const empty = (): Answered => ({ sets: new Map(), errors: new Map() });
  const instance = empty();
  const databases: { row: RawRow; answered: Answered }[] = [];
  for (const set of reply.sets) {
    const [row] = set.rows;
    const [name = ''] = set.columns;
    const open = name === END_SET ? instance : (databases.at(-1)?.answered ?? instance);
    if (name === DATABASE_SET && row !== undefined) databases.push({ row, answered: empty() });
    else if (name === ERROR_SET) takeErrors(set, open);
    else if (!open.sets.has(name)) open.sets.set(name, set.rows);
  }
  return { instance, databases };
}

function takeErrors({ rows }: RawSet, { errors }: Answered): void {
  for (const row of rows) {
    const error = { number: number(row, 'number'), message: textOrNull(row, 'message') ?? '' };
    errors.set(text(row, 'part'), error);
  }
}

interface Asked {
  readonly needs: readonly AssessRight[];
  readonly rowsetNeeds: Readonly<Record<string, readonly AssessRight[]>>;
  readonly held: PermissionFacts;
}

function answerOf(answered: Answered, context: Context, asked: Asked): PartAnswer {
  const fact = (rowset: string): Fact<readonly RawRow[]> => {
    const absent = context.absent.get(rowset);
    if (absent !== undefined) return unknown(absent);
    const own = asked.rowsetNeeds[rowset] ?? [];
    const missing = missingRight(asked.held, own);
    if (missing !== null) return lacking(asked.held, missing);
    // An error that came after the first rows takes them back.
    const error = answered.errors.get(rowset);
    if (error !== undefined)
      return failed(error, asked.held, { rowset, needs: [...asked.needs, ...own] });
    const rows = answered.sets.get(rowset);
    return rows === undefined ? unanswered(context, rowset) : known(rows);
  };
  return {
    fact,
    rows: (rowset) => {
      const rows = fact(rowset);
      return rows.known ? rows.value : refuse(rows);
    },
  };
}

function refuse(missing: Unknown): never {
  throw new DecodeError(missing.because, missing.remedy);
}

interface QueryError {
  readonly number: number;
  readonly message: string;
}

/** Errors that a right mends: no permission on an object, on the server, in a database. */
const RIGHT_ERRORS: ReadonlySet<number> = new Set([
  229, 230, 262, 297, 300, 371, 916, 15_247, 15_562,
]);

function failed(
  error: QueryError,
  held: PermissionFacts,
  asked: { readonly rowset: string; readonly needs: readonly AssessRight[] },
): Unknown {
  const because = `the server answered error ${error.number} for ${asked.rowset}: ${error.message}`;
  if (!RIGHT_ERRORS.has(error.number)) return unknown(because);
  const grants = asked.needs.map((right) => grantText(right, held.loginName));
  return grants.length === 0 ? unknown(because) : unknown(because, grants.join(' '));
}

/** Why a rowset is not there. */
function unanswered(context: Context, rowset: string): Unknown {
  const { broken } = context.options;
  if (broken !== undefined) {
    const during = broken.during === null ? '' : `, it was busy with ${broken.during}`;
    return unknown(`the answer broke off before ${rowset}${during}`);
  }
  const missing = part(context.reply, rowset);
  return missing.known ? unknown(`${rowset} was answered out of its place`) : missing;
}

function absentIn(options: FactsOptions): ReadonlyMap<string, string> {
  const { migration, side, versionMajor = Number.MAX_SAFE_INTEGER } = options;
  return absentRowsets({ migration, side, versionMajor });
}

function instanceOf(options: FactsOptions): string {
  const { migration, side, instance } = options;
  return instance ?? migration[side].instances[0].name;
}

function decodePermissions(row: RawRow): PermissionFacts {
  const viewAnyDefinition = bit(row, 'view_any_definition');
  return {
    loginName: text(row, 'login_name'),
    isSysadmin: bit(row, 'is_sysadmin'),
    viewServerState:
      bit(row, 'view_server_state') || (bitOrNull(row, 'view_server_performance_state') ?? false),
    viewAnyDefinition,
    viewAnyDatabase: bit(row, 'view_any_database') || viewAnyDefinition,
    connectAnyDatabase: bit(row, 'connect_any_database'),
    alterAnyAvailabilityGroup: bit(row, 'alter_any_availability_group'),
    createAvailabilityGroup: bit(row, 'create_availability_group'),
    createEndpoint: bit(row, 'create_endpoint'),
    alterAnyEndpoint: bit(row, 'alter_any_endpoint'),
    alterAnyLogin: bit(row, 'alter_any_login'),
    alterAnyConnection: bit(row, 'alter_any_connection'),
    createAnyDatabase: bit(row, 'create_any_database'),
    readBackupHistory: bit(row, 'read_backup_history'),
    readMsdb: bit(row, 'read_msdb'),
  };
}
