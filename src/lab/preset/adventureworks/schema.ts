/**
 * The tables of the sample database, in the order of their references.
 *
 * A shop of our own: its name is the articles', its tables and rows are not Microsoft's sample.
 * `sales.web_order` starts empty: it is there for applications that write while a migration runs.
 */

import type { SqlType } from '../../../tds/sql-type.ts';
import type { Expression } from '../../tsql/ast.ts';
import type { ColumnSpec, TableSpec } from '../../store/loader.ts';

/** Schemas to make before the tables. */
export const SAMPLE_SCHEMAS: readonly string[] = ['people', 'production', 'stock', 'sales'];

const int: SqlType = { kind: 'int' };
const smallint: SqlType = { kind: 'smallint' };
const money: SqlType = { kind: 'money' };
const moment: SqlType = { kind: 'datetime2', scale: 3 };
const day: SqlType = { kind: 'date' };
const bit: SqlType = { kind: 'bit' };
const guid: SqlType = { kind: 'uniqueidentifier' };
const countryCode: SqlType = { kind: 'char', length: 2 };
const price: SqlType = { kind: 'decimal', precision: 10, scale: 2 };
const text = (length: number): SqlType => ({ kind: 'nvarchar', length });

/** `SYSUTCDATETIME()`. */
const currentTime: Expression = {
  kind: 'call',
  line: 1,
  schema: null,
  name: 'SYSUTCDATETIME',
  arguments: [],
  distinct: false,
  over: null,
  withinGroup: null,
};

function column(name: string, type: SqlType): ColumnSpec {
  return { name, type };
}

function numbered(name: string): ColumnSpec {
  return { name, type: int, identity: { seed: 1n, increment: 1n } };
}

function reference(name: string, schema: string, table: string) {
  return { columns: [name], references: { schema, name: table }, referencedColumns: [name] };
}

const people: readonly TableSpec[] = [
  {
    schema: 'people',
    name: 'country',
    columns: [column('country_code', countryCode), column('name', text(60))],
    primaryKey: ['country_code'],
  },
  {
    schema: 'people',
    name: 'customer',
    columns: [
      numbered('customer_id'),
      column('country_code', countryCode),
      column('given_name', text(50)),
      column('family_name', text(50)),
      column('email', text(120)),
      column('city', text(60)),
      column('is_business', bit),
      column('created_at', moment),
    ],
    primaryKey: ['customer_id'],
    unique: [['email']],
    foreignKeys: [reference('country_code', 'people', 'country')],
  },
];

const production: readonly TableSpec[] = [
  {
    schema: 'production',
    name: 'category',
    columns: [column('category_id', int), column('name', text(60))],
    primaryKey: ['category_id'],
    unique: [['name']],
  },
  {
    schema: 'production',
    name: 'product',
    columns: [
      numbered('product_id'),
      column('category_id', int),
      column('code', { kind: 'varchar', length: 20 }),
      column('name', text(100)),
      column('list_price', price),
      column('standard_cost', money),
      { name: 'weight_kg', type: { kind: 'decimal', precision: 8, scale: 3 }, nullable: true },
      column('discontinued', bit),
      column('row_guid', guid),
    ],
    primaryKey: ['product_id'],
    unique: [['code']],
    foreignKeys: [reference('category_id', 'production', 'category')],
  },
];

const stock: readonly TableSpec[] = [
  {
    schema: 'stock',
    name: 'warehouse',
    columns: [
      column('warehouse_id', int),
      column('city', text(60)),
      column('country_code', countryCode),
    ],
    primaryKey: ['warehouse_id'],
    foreignKeys: [reference('country_code', 'people', 'country')],
  },
  {
    schema: 'stock',
    name: 'level',
    columns: [
      column('warehouse_id', int),
      column('product_id', int),
      column('quantity', int),
      column('counted_on', day),
    ],
    primaryKey: ['warehouse_id', 'product_id'],
    foreignKeys: [
      reference('warehouse_id', 'stock', 'warehouse'),
      reference('product_id', 'production', 'product'),
    ],
  },
];

const sales: readonly TableSpec[] = [
  {
    schema: 'sales',
    name: 'orders',
    columns: [
      numbered('order_id'),
      column('customer_id', int),
      column('ordered_at', moment),
      column('due_on', day),
      column('status', { kind: 'tinyint' }),
      column('freight', money),
      { name: 'note', type: text(200), nullable: true },
    ],
    primaryKey: ['order_id'],
    indexes: [{ name: 'ix_orders_customer', columns: ['customer_id'] }],
    foreignKeys: [reference('customer_id', 'people', 'customer')],
  },
  {
    schema: 'sales',
    name: 'order_line',
    columns: [
      column('order_id', int),
      column('line_number', smallint),
      column('product_id', int),
      column('quantity', smallint),
      column('unit_price', price),
      column('discount', { kind: 'decimal', precision: 5, scale: 4 }),
    ],
    primaryKey: ['order_id', 'line_number'],
    foreignKeys: [
      reference('order_id', 'sales', 'orders'),
      reference('product_id', 'production', 'product'),
    ],
  },
  {
    schema: 'sales',
    name: 'web_order',
    columns: [
      column('web_order_id', guid),
      column('customer_id', int),
      column('product_id', int),
      column('quantity', smallint),
      column('amount', { kind: 'decimal', precision: 12, scale: 2 }),
      { name: 'placed_at', type: moment, default: currentTime },
    ],
    primaryKey: ['web_order_id'],
    foreignKeys: [
      reference('customer_id', 'people', 'customer'),
      reference('product_id', 'production', 'product'),
    ],
  },
];

/** All tables. */
export const SAMPLE_TABLES: readonly TableSpec[] = [...people, ...production, ...stock, ...sales];
