/** sp_configure: shows options, or writes the value of one (Microsoft Learn, sp_configure). */

import { required } from '../../../base/assert.ts';
import type { SqlValue } from '../../../tds/sql-type.ts';
import type { CatalogRowset } from '../../instance.ts';
import { serverMessage, SqlError, sqlError } from '../message.ts';
import { convertValue, textOfValue } from '../query/compiled.ts';
import { same } from '../query/scope.ts';
import type { Request } from '../run/context.ts';
import { sendRowset } from '../run/send-rowset.ts';
import type { Procedure } from './procedure.ts';
import { bindArguments, numberOf, textOf } from './procedure.ts';

const SHOW_ADVANCED = 'show advanced options';

interface Option {
  readonly name: string;
  readonly minimum: number;
  readonly maximum: number;
  readonly value: number;
  readonly inUse: number;
  readonly isDynamic: boolean;
  readonly isAdvanced: boolean;
}

/** `sp_configure @configname, @configvalue`. */
export const configureOption: Procedure = async (request, given) => {
  const bound = bindArguments('sp_configure', given, ['@configname', '@configvalue']);
  const wanted = textOf(bound.get('@configname'));
  const value = numberOf(bound.get('@configvalue'));
  const all = optionsOf(request);
  const shown = all.filter(
    (option) =>
      !option.isAdvanced || all.some(({ name, inUse }) => name === SHOW_ADVANCED && inUse === 1),
  );
  if (wanted === null) {
    sendRowset(request.sink, listing(shown));
    return 0;
  }
  const option = shown.find(({ name }) => same(name, wanted));
  if (option === undefined) throw sqlError(15_123, wanted);
  if (value === null) {
    sendRowset(request.sink, listing([option]));
    return 0;
  }
  if (value < option.minimum && value !== 0) throw sqlError(15_129, value, option.name);
  if (value > option.maximum) throw sqlError(15_129, value, option.name);
  const error = await request.session.instance.administer(request, {
    kind: 'configure',
    name: option.name,
    value,
    isDynamic: option.isDynamic,
  });
  if (error !== null) throw new SqlError(error);
  request.inform(serverMessage(15_457, option.name, option.value, value));
  return 0;
};

/** The options as `sys.configurations` shows them now. */
function optionsOf(request: Request): readonly Option[] {
  const { instance, identity } = request.session;
  const rowset = required(
    instance.catalogRowset(identity, {
      database: 'master',
      schema: 'sys',
      name: 'configurations',
    }),
    'sys.configurations',
  );
  const at = (row: readonly SqlValue[], column: string): SqlValue =>
    row[rowset.columns.findIndex(({ name }) => name === column)] ?? null;
  const whole = (row: readonly SqlValue[], column: string): number =>
    Number(convertValue(at(row, column), { kind: 'sql_variant' }, { kind: 'int' }));
  return [...rowset.rows()].map((row) => ({
    name: textOfValue(at(row, 'name')) ?? '',
    minimum: whole(row, 'minimum'),
    maximum: whole(row, 'maximum'),
    value: whole(row, 'value'),
    inUse: whole(row, 'value_in_use'),
    isDynamic: at(row, 'is_dynamic') === true,
    isAdvanced: at(row, 'is_advanced') === true,
  }));
}

function listing(options: readonly Option[]): CatalogRowset {
  const column = (name: string) => ({ name, type: { kind: 'int' }, nullable: true }) as const;
  return {
    columns: [
      { name: 'name', type: { kind: 'nvarchar', length: 35 }, nullable: true },
      column('minimum'),
      column('maximum'),
      column('config_value'),
      column('run_value'),
    ],
    rows: () =>
      options.map(({ name, minimum, maximum, value, inUse }) => [
        name,
        minimum,
        maximum,
        value,
        inUse,
      ]),
  };
}
