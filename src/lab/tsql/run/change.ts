/** UPDATE and DELETE, with FROM, TOP and OUTPUT. */

import { unreachable } from '../../../base/assert.ts';
import type { SqlValue } from '../../../tds/sql-type.ts';
import type {
  Assignment,
  DmlTarget,
  Expression,
  ObjectName,
  QueryStatement,
  TableSource,
  TableVariableName,
} from '../ast.ts';
import { sqlError } from '../message.ts';
import type { Binder } from '../query/binder.ts';
import { compileExpression, compilePredicate } from '../query/binder.ts';
import type { Compiled } from '../query/compiled.ts';
import { coerce } from '../query/compiled.ts';
import { evaluateNow, plainBinder } from '../query/compiler.ts';
import type { Environment, Frame, Row } from '../query/execution.ts';
import { PAUSE } from '../query/execution.ts';
import { assignOperator, binaryOperation } from '../query/expression.ts';
import { withCommonTables } from '../query/query.ts';
import { same, Scope } from '../query/scope.ts';
import type { BlockBinder, SourcePlan } from '../query/source-plan.ts';
import { compileFrom } from '../query/source.ts';
import type { Request } from './context.ts';
import type { StatementExecution } from './execution.ts';
import { checkReferences, releaseReferences } from './foreign-key.ts';
import { openTarget } from './open-target.ts';
import type { Output } from './output.ts';
import { makeOutput } from './output.ts';
import { breathe } from './rows.ts';
import type { StatementResult } from './statement-result.ts';
import type { RowChange, TableTarget } from './target.ts';
import { makeRowWriter, storeValue } from './write-row.ts';

type Update = Extract<QueryStatement, { kind: 'update' }>;
type Delete = Extract<QueryStatement, { kind: 'delete' }>;

const UPDATE_COMMAND = 0xc5;
const DELETE_COMMAND = 0xc4;

/** The rows a statement changes, and the block its expressions are compiled in. */
interface ChangePlan {
  readonly target: TableTarget;
  readonly binder: BlockBinder;
  readonly plan: SourcePlan | null;
  readonly slot: number;
}

/** The table that an UPDATE or DELETE names: itself, or by an alias of FROM. */
function resolveTarget(
  target: DmlTarget,
  from: readonly TableSource[],
): { name: ObjectName | TableVariableName; alias: string } {
  if ('kind' in target && target.kind === 'table-variable')
    return { name: target, alias: aliasIn(from, target.name) ?? target.name };
  const { name } = target;
  const found =
    name.schema === null
      ? from.map((source) => findAlias(source, name.name)).find((source) => source !== undefined)
      : undefined;
  if (found !== undefined) return { name: found, alias: name.name };
  return { name, alias: aliasIn(from, name.name) ?? name.name };
}

/** The alias under which FROM shows the table that the statement names by its own name. */
function aliasIn(from: readonly TableSource[], name: string): string | undefined {
  for (const source of from) {
    if (source.kind === 'table' && same(source.name.name, name))
      return source.alias ?? source.name.name;
    if (source.kind === 'table-variable' && same(source.name, name))
      return source.alias ?? source.name;
    if (source.kind === 'join' || source.kind === 'apply') {
      const inner = aliasIn([source.left, source.right], name);
      if (inner !== undefined) return inner;
    }
  }
  return undefined;
}

function findAlias(source: TableSource, alias: string): ObjectName | TableVariableName | undefined {
  switch (source.kind) {
    case 'table':
      return source.alias !== null && same(source.alias, alias) ? source.name : undefined;
    case 'table-variable':
      return source.alias !== null && same(source.alias, alias)
        ? { kind: 'table-variable', name: source.name }
        : undefined;
    case 'join':
    case 'apply':
      return findAlias(source.left, alias) ?? findAlias(source.right, alias);
    case 'derived':
    case 'function':
      return undefined;
  }
  return unreachable(source);
}

async function planChange(
  request: Request,
  execution: StatementExecution,
  statement: Update | Delete,
): Promise<ChangePlan> {
  const resolved = resolveTarget(statement.target, statement.from);
  const target = await openTarget(request, resolved.name);
  const scope = new Scope(null);
  const binder: BlockBinder = {
    ...withCommonTables(plainBinder(execution), statement.with),
    scope,
  };
  const listed = statement.from.length > 0;
  const sources: TableSource[] = listed ? [...statement.from] : [ownSource(resolved.name)];
  const plan = compileFrom(binder, sources, statement.where);
  const source = scope.sources.find((candidate) => same(candidate.alias, resolved.alias));
  if (source === undefined) throw sqlError(208, resolved.alias);
  return { target, binder, plan, slot: source.slot };
}

function ownSource(name: ObjectName | TableVariableName): TableSource {
  if ('kind' in name) return { kind: 'table-variable', name: name.name, alias: null, line: 1 };
  return { kind: 'table', name, alias: null, hints: [], line: 1 };
}

/** The frames to change, each target row once. */
async function matchingFrames(
  request: Request,
  change: ChangePlan,
  statement: Update | Delete,
): Promise<Frame[]> {
  const { binder, plan, slot, target } = change;
  const where = statement.where === null ? null : compilePredicate(binder, statement.where);
  const limit = rowLimit(request, binder, statement.top);
  const outer: Environment = { frame: [], outer: null };
  const environment: Environment = { frame: [], outer };
  const width = target.definition.columns.length;
  const seen = new Set<SqlValue>();
  const frames: Frame[] = [];
  for (const frame of plan?.produce(outer, []) ?? []) {
    if (frame === PAUSE) {
      await breathe(request);
      continue;
    }
    if (frames.length >= limit) break;
    environment.frame = frame;
    if (where !== null && where.test(environment) !== true) continue;
    const row = frame[slot];
    const number = row?.[width];
    if (row === undefined || number === undefined || seen.has(number)) continue;
    seen.add(number);
    frames.push(frame);
  }
  return frames;
}

function rowLimit(request: Request, binder: Binder, top: Expression | null): number {
  const option = request.session.options.rowCount;
  const setting = option > 0 ? option : Number.POSITIVE_INFINITY;
  if (top === null) return setting;
  return Math.min(setting, Number(evaluateNow(binder.execution, top, { kind: 'bigint' }) ?? 0));
}

interface CompiledAssignment {
  readonly place: number | null;
  readonly compiled: Compiled;
  assign(value: SqlValue): void;
}

function compileAssignment(change: ChangePlan, assignment: Assignment): CompiledAssignment {
  const { binder, target, slot } = change;
  const table = target.definition;
  const place =
    assignment.column === null
      ? null
      : table.columns.findIndex((column) => same(column.name, assignment.column ?? ''));
  const column = place === null ? undefined : table.columns[place];
  if (place !== null && column === undefined) throw sqlError(207, assignment.column ?? '');
  if (column !== undefined && column.identity !== null) throw sqlError(8102, column.name);
  if (column !== undefined && column.computed !== null) throw sqlError(271, column.name);
  const variable =
    assignment.variable === null ? undefined : binder.execution.variable(assignment.variable);
  if (assignment.variable !== null && variable === undefined)
    throw sqlError(137, assignment.variable);
  const written = assignment.expression ?? column?.default?.expression ?? null;
  const value: Compiled =
    written === null
      ? {
          type: column?.type ?? { kind: 'int' },
          nullable: true,
          local: false,
          nullLiteral: true,
          evaluate: () => null,
        }
      : compileExpression(binder, written);
  const current: Compiled =
    place === null
      ? {
          type: variable?.type ?? { kind: 'int' },
          nullable: true,
          local: false,
          nullLiteral: false,
          evaluate: () => variable?.value ?? null,
        }
      : {
          type: column?.type ?? { kind: 'int' },
          nullable: true,
          local: true,
          nullLiteral: false,
          evaluate: (environment) => environment.frame[slot]?.[place] ?? null,
        };
  const total =
    assignment.operator === '='
      ? value
      : binaryOperation(assignOperator(assignment.operator), current, value);
  const converted =
    column === undefined && variable !== undefined ? coerce(total, variable.type) : total;
  return {
    place,
    compiled: converted,
    assign: (result) => {
      if (variable !== undefined) variable.value = result;
    },
  };
}

/** Runs an UPDATE. */
export async function runUpdate(
  request: Request,
  execution: StatementExecution,
  statement: Update,
): Promise<StatementResult> {
  const change = await planChange(request, execution, statement);
  const { target, slot } = change;
  const table = target.definition;
  const assignments = statement.assignments.map((assignment) =>
    compileAssignment(change, assignment),
  );
  const places = assignments.map((assignment) => assignment.place);
  const twice = places.find((place, i) => place !== null && places.indexOf(place) !== i);
  if (twice !== undefined && twice !== null) throw sqlError(264, table.columns[twice]?.name ?? '');
  const writer = makeRowWriter(execution, table, { verb: 'UPDATE', database: target.database });
  const output = makeOutput(request, { execution, target, clause: statement.output });
  const environment: Environment = { frame: [], outer: { frame: [], outer: null } };
  const name = `${target.database}.${table.schema}.${table.name}`;
  const changes: RowChange[] = [];
  for (const frame of await matchingFrames(request, change, statement)) {
    environment.frame = frame;
    const before: Row = frame[slot] ?? [];
    const after = before.slice(0, table.columns.length);
    for (const assignment of assignments) {
      const value = assignment.compiled.evaluate(environment);
      const column = assignment.place === null ? undefined : table.columns[assignment.place];
      const stored =
        column === undefined
          ? value
          : storeValue(value, assignment.compiled.type, {
              type: column.type,
              name: column.name,
              table: name,
            });
      if (assignment.place !== null) after[assignment.place] = stored;
      assignment.assign(stored);
    }
    writer.finish(after);
    changes.push({ before, after });
  }
  applyUpdate(request, target, { changes, places });
  report(output, changes);
  await output.finish();
  return { rowCount: changes.length, command: UPDATE_COMMAND, resultSet: output.resultSet };
}

function report(output: Output, changes: readonly RowChange[]): void {
  for (const { before, after } of changes) output.add(after, before);
}

function applyUpdate(
  request: Request,
  target: TableTarget,
  update: { changes: readonly RowChange[]; places: readonly (number | null)[] },
): void {
  const table = target.definition;
  const changed = new Set(
    update.places.flatMap((place) => (place === null ? [] : (table.columns[place]?.id ?? []))),
  );
  const keys = table.indexes.some(
    (index) => index.kind !== 'index' && index.columns.some((key) => changed.has(key.column)),
  );
  if (keys && update.changes.length > 1) target.updateAll(update.changes);
  else for (const { before, after } of update.changes) target.update(before, after);
  const transaction = request.session.transaction.writerOf(target.database);
  if (transaction === undefined) return;
  const check = { transaction, database: target.database };
  if (table.foreignKeys.some((key) => key.columns.some((column) => changed.has(column)))) {
    checkReferences(check, table, {
      rows: update.changes.map((entry) => entry.after),
      verb: 'UPDATE',
    });
  }
  if (keys) releaseReferences(check, table, { removed: update.changes, verb: 'UPDATE' });
}

/** Runs a DELETE. */
export async function runDelete(
  request: Request,
  execution: StatementExecution,
  statement: Delete,
): Promise<StatementResult> {
  const change = await planChange(request, execution, statement);
  const { target, slot } = change;
  const output = makeOutput(request, { execution, target, clause: statement.output });
  const removed: RowChange[] = [];
  for (const frame of await matchingFrames(request, change, statement))
    removed.push({ before: frame[slot] ?? [], after: [] });
  for (const { before } of removed) {
    target.delete(before);
    output.add(null, before);
  }
  const transaction = request.session.transaction.writerOf(target.database);
  if (transaction !== undefined) {
    releaseReferences({ transaction, database: target.database }, target.definition, {
      removed,
      verb: 'DELETE',
    });
  }
  await output.finish();
  return { rowCount: removed.length, command: DELETE_COMMAND, resultSet: output.resultSet };
}
