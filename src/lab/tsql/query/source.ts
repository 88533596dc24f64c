/** FROM: tables, derived tables, functions and joins as producers of frames. */

import { unreachable } from '../../../base/assert.ts';
import type { Column } from '../../../tds/sql-type.ts';
import type { Expression, ObjectName, TableSource } from '../ast.ts';
import { sqlError } from '../message.ts';
import type { ScanFilter } from './conjunct.ts';
import { conjunctsOf, prefilters, scanFilters } from './conjunct.ts';
import type { Environment, Frame, Rows, TableHandle } from './execution.ts';
import { PAUSE, withPauses } from './execution.ts';
import { compileQuery } from './binder.ts';
import { makeJoin } from './join.ts';
import type { BlockBinder, ScanPlan, SourcePlan } from './source-plan.ts';
import type { Scope } from './scope.ts';
import { same } from './scope.ts';
import { compileTableFunction } from './table-function.ts';

/** Compiles FROM; `where` helps to find filters and join keys. Null without FROM. */
export function compileFrom(
  binder: BlockBinder,
  sources: readonly TableSource[],
  where: Expression | null,
): SourcePlan | null {
  const plans = sources.map((source) => compileSource(binder, source));
  const conjuncts = conjunctsOf(where);
  for (const plan of plans) pushFilters(binder, plan, conjuncts);
  let result: SourcePlan | null = null;
  for (const plan of plans) {
    result =
      result === null
        ? plan
        : makeJoin(binder, {
            kind: 'inner',
            left: result,
            right: plan,
            conjuncts: [],
            hints: conjuncts,
          });
  }
  return result;
}

/** Every scan below a plan; joins list theirs. */
const scansOf = new WeakMap<SourcePlan, readonly ScanPlan[]>();

/** A comparison in WHERE is never true for NULL, so it may filter either side of an outer join too. */
function pushFilters(
  binder: BlockBinder,
  plan: SourcePlan,
  conjuncts: readonly Expression[],
): void {
  for (const scan of scansBelow(plan)) {
    for (const conjunct of conjuncts) scan.filters.push(...scanFilters(binder, conjunct, scan));
  }
}

function scansBelow(plan: SourcePlan): readonly ScanPlan[] {
  return scansOf.get(plan) ?? (plan.scan === null ? [] : [plan.scan]);
}

function compileSource(binder: BlockBinder, source: TableSource): SourcePlan {
  switch (source.kind) {
    case 'table':
      return compileTable(binder, source.name, source.alias);
    case 'table-variable': {
      const handle = binder.execution.tableVariable(source.name);
      return scanOf(binder.scope, handle, { alias: source.alias ?? source.name, schema: null });
    }
    case 'derived': {
      const inner = compileQuery(
        { ...binder, scope: binder.scope.outer, aggregates: null, windows: null },
        source.query,
      );
      return fromRows(binder.scope, {
        alias: source.alias,
        columns: renamed(inner.columns, source.columns, source.alias),
        rows: (outer) => inner.rows(outer),
      });
    }
    case 'function': {
      const compiled = compileTableFunction(binder, source);
      return lateral(binder.scope, {
        alias: source.alias ?? source.name,
        columns: compiled.columns,
        rows: (environment) => compiled.rows(environment),
      });
    }
    case 'join':
      return compileJoin(binder, source);
    case 'apply':
      return compileApply(binder, source);
  }
  return unreachable(source);
}

function compileTable(binder: BlockBinder, name: ObjectName, alias: string | null): SourcePlan {
  if (name.schema === null && name.database === null) {
    const common = binder.commonTables.findLast((table) => same(table.name, name.name));
    if (common !== undefined) {
      const inner = common.compile();
      return fromRows(binder.scope, {
        alias: alias ?? name.name,
        columns: inner.columns,
        rows: (outer) => inner.rows(outer),
      });
    }
  }
  const handle = binder.execution.table(name);
  return scanOf(binder.scope, handle, {
    alias: alias ?? name.name,
    schema: alias === null ? (name.schema ?? 'dbo') : null,
  });
}

function renamed(
  columns: readonly Column[],
  names: readonly string[] | null,
  alias: string,
): Column[] {
  if (names !== null && names.length > columns.length) throw sqlError(8158, alias);
  if (names !== null && names.length < columns.length) throw sqlError(8159, alias);
  const result = columns.map((column, i) => ({ ...column, name: names?.[i] ?? column.name }));
  result.forEach((column, i) => {
    if (column.name === '') throw sqlError(8155, i + 1, alias);
    if (result.findIndex((other) => same(other.name, column.name)) !== i)
      throw sqlError(8156, column.name, alias);
  });
  return result;
}

/** Adds a table to the scope and scans it. */
export function scanOf(
  scope: Scope,
  handle: TableHandle,
  name: { alias: string; schema: string | null },
): SourcePlan {
  const slot = scope.newSlot();
  scope.add({ ...name, columns: handle.columns, slot });
  const filters: ScanFilter[] = [];
  const produceWith: ScanPlan['produceWith'] = (extra, { outer, frame }) => {
    const ready = prefilters(filters, outer);
    if (ready === null) return [];
    const more = extra.map((filter) => ({ ...filter, operator: 'in' as const }));
    return placed(withPauses(handle.scan([...ready, ...more])), frame, slot);
  };
  const scan: ScanPlan = { slot, handle, filters, produceWith };
  return { slots: [slot], scan, produce: (outer, frame) => produceWith([], { outer, frame }) };
}

function* placed(rows: Rows, frame: Frame, slot: number): Generator<Frame | typeof PAUSE> {
  const first = frame.length === 0 && slot === 0;
  for (const row of rows) {
    if (row === PAUSE) yield PAUSE;
    else if (first) yield [row];
    else {
      const next = frame.slice();
      next[slot] = row;
      yield next;
    }
  }
}

interface RowSource {
  readonly alias: string;
  readonly columns: readonly Column[];
  rows(environment: Environment): Rows;
}

function fromRows(scope: Scope, source: RowSource): SourcePlan {
  const slot = scope.newSlot();
  scope.add({ alias: source.alias, schema: null, columns: source.columns, slot });
  return {
    slots: [slot],
    scan: null,
    produce: (outer, frame) => placed(source.rows(outer), frame, slot),
  };
}

/** A source that may refer to what stands left of it. */
function lateral(scope: Scope, source: RowSource): SourcePlan {
  const slot = scope.newSlot();
  scope.add({ alias: source.alias, schema: null, columns: source.columns, slot });
  return {
    slots: [slot],
    scan: null,
    produce: (outer, frame) => placed(source.rows({ frame, outer }), frame, slot),
  };
}

function compileJoin(
  binder: BlockBinder,
  source: Extract<TableSource, { kind: 'join' }>,
): SourcePlan {
  const left = compileSource(binder, source.left);
  const right = compileSource(binder, source.right);
  const conjuncts = conjunctsOf(source.on);
  const kind = source.join === 'cross' ? 'inner' : source.join;
  if (kind === 'inner' || kind === 'right') pushFilters(binder, left, conjuncts);
  if (kind === 'inner' || kind === 'left') pushFilters(binder, right, conjuncts);
  const plan =
    kind === 'right'
      ? makeJoin(binder, { kind: 'left', left: right, right: left, conjuncts, hints: [] })
      : makeJoin(binder, { kind, left, right, conjuncts, hints: [] });
  scansOf.set(plan, [...scansBelow(left), ...scansBelow(right)]);
  return plan;
}

function compileApply(
  binder: BlockBinder,
  source: Extract<TableSource, { kind: 'apply' }>,
): SourcePlan {
  const left = compileSource(binder, source.left);
  const right =
    source.right.kind === 'derived'
      ? compileLateralQuery(binder, source.right)
      : compileSource(binder, source.right);
  const plan: SourcePlan = {
    slots: [...left.slots, ...right.slots],
    scan: null,
    *produce(outer, frame) {
      for (const start of left.produce(outer, frame)) {
        if (start === PAUSE) {
          yield PAUSE;
          continue;
        }
        let matched = false;
        for (const next of right.produce(outer, start)) {
          if (next !== PAUSE) matched = true;
          yield next;
        }
        if (!matched && source.outer) yield start;
      }
    },
  };
  scansOf.set(plan, scansBelow(left));
  return plan;
}

function compileLateralQuery(
  binder: BlockBinder,
  source: Extract<TableSource, { kind: 'derived' }>,
): SourcePlan {
  const inner = compileQuery({ ...binder, aggregates: null, windows: null }, source.query);
  return lateral(binder.scope, {
    alias: source.alias,
    columns: renamed(inner.columns, source.columns, source.alias),
    rows: (environment) => inner.rows(environment),
  });
}
