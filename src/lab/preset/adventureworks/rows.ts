/**
 * The rows of the sample database: the same seed gives the same rows on every machine.
 *
 * Relies on `schema.ts` for the order of columns. More than 50,000 rows in all, each foreign key
 * pointing at a row that exists.
 */

import { required } from '../../../base/assert.ts';
import { makePrng, type Prng } from '../../../base/prng.ts';
import type { DateTime, Decimal, SqlValue } from '../../../tds/sql-type.ts';
import {
  CATEGORIES,
  COUNTRIES,
  FAMILY_NAMES,
  GIVEN_NAMES,
  MODELS,
  NOTES,
  VARIANTS,
  WAREHOUSES,
} from './names.ts';

/** The rows of one table, values in the order of its columns. */
export interface TableRows {
  readonly schema: string;
  readonly table: string;
  readonly rows: readonly (readonly SqlValue[])[];
}

const CUSTOMERS = 6000;
const PRODUCTS = 800;
const ORDERS = 10_400;
const MAX_LINES = 5;
const SEED = 20_261_121;
/** 2024-01-01, in days since 0001-01-01. */
const FIRST_DAY = 738_885;
const DAYS = 1000;
const MINUTE_TICKS = 600_000_000;
const MINUTES_PER_DAY = 1440;
const MONEY_SCALE = 4;
const PRICE_SCALE = 2;

/** All tables in the order of their references. */
export function sampleRows(): readonly TableRows[] {
  const prng = makePrng(SEED);
  const products = productRows(prng.split('product'));
  const orders = orderRows(prng.split('order'));
  return [
    {
      schema: 'people',
      table: 'country',
      rows: COUNTRIES.map((country) => [country.code, country.name]),
    },
    { schema: 'people', table: 'customer', rows: customerRows(prng.split('customer')) },
    {
      schema: 'production',
      table: 'category',
      rows: CATEGORIES.map((name, index) => [index + 1, name]),
    },
    { schema: 'production', table: 'product', rows: products },
    {
      schema: 'stock',
      table: 'warehouse',
      rows: WAREHOUSES.map((warehouse, index) => [index + 1, warehouse.city, warehouse.country]),
    },
    { schema: 'stock', table: 'level', rows: levelRows(prng.split('level')) },
    { schema: 'sales', table: 'orders', rows: orders },
    { schema: 'sales', table: 'order_line', rows: lineRows(prng.split('line'), products) },
  ];
}

function customerRows(prng: Prng): readonly (readonly SqlValue[])[] {
  return numbers(CUSTOMERS).map((id) => {
    const country = pick(prng, COUNTRIES);
    const given = pick(prng, GIVEN_NAMES);
    const family = pick(prng, FAMILY_NAMES);
    return [
      id,
      country.code,
      given,
      family,
      `${asciiWord(given)}.${asciiWord(family)}.${id}@example.com`,
      pick(prng, country.cities),
      prng.below(8) === 0,
      moment(prng),
    ];
  });
}

function productRows(prng: Prng): readonly (readonly SqlValue[])[] {
  return numbers(PRODUCTS).map((id) => {
    const category = prng.below(CATEGORIES.length);
    const cents = 499 + prng.below(250_000);
    return [
      id,
      category + 1,
      `P-${String(id).padStart(5, '0')}`,
      `${pick(prng, MODELS)} ${pick(prng, VARIANTS)} ${required(CATEGORIES[category], 'category').toLowerCase()}`,
      decimal(cents, PRICE_SCALE),
      decimal(Math.round(cents * 62), MONEY_SCALE),
      prng.below(5) === 0 ? null : decimal(40 + prng.below(15_000), 3),
      prng.below(20) === 0,
      guid(prng),
    ];
  });
}

function levelRows(prng: Prng): readonly (readonly SqlValue[])[] {
  return WAREHOUSES.flatMap((_, warehouse) =>
    numbers(PRODUCTS).map((product) => [warehouse + 1, product, prng.below(400), day(prng)]),
  );
}

function orderRows(prng: Prng): readonly (readonly SqlValue[])[] {
  return numbers(ORDERS).map((id) => {
    const ordered = moment(prng);
    return [
      id,
      1 + prng.below(CUSTOMERS),
      ordered,
      { ...ordered, days: ordered.days + 2 + prng.below(12), ticks: 0 },
      prng.below(5),
      decimal(30_000 + prng.below(400_000), MONEY_SCALE),
      prng.below(10) === 0 ? pick(prng, NOTES) : null,
    ];
  });
}

function lineRows(
  prng: Prng,
  products: readonly (readonly SqlValue[])[],
): readonly (readonly SqlValue[])[] {
  return numbers(ORDERS).flatMap((order) =>
    numbers(1 + prng.below(MAX_LINES)).map((line) => {
      const product = 1 + prng.below(PRODUCTS);
      const price = required(products[product - 1], 'product')[4] ?? null;
      return [order, line, product, 1 + prng.below(9), price, decimal(prng.below(4) * 250, 4)];
    }),
  );
}

function numbers(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

function pick<T>(prng: Prng, list: readonly T[]): T {
  return required(list[prng.below(list.length)], 'a list that is not empty');
}

function decimal(unscaled: number, scale: number): Decimal {
  return { kind: 'decimal', unscaled: BigInt(unscaled), scale };
}

function moment(prng: Prng): DateTime {
  return { ...day(prng), ticks: prng.below(MINUTES_PER_DAY) * MINUTE_TICKS };
}

function day(prng: Prng): DateTime {
  return { kind: 'datetime', days: FIRST_DAY + prng.below(DAYS), ticks: 0, offsetMinutes: 0 };
}

function guid(prng: Prng): string {
  const hex = numbers(32)
    .map(() => prng.below(16).toString(16))
    .join('')
    .toUpperCase();
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-A${hex.slice(17, 20)}-${hex.slice(20)}`;
}

/** Letters without marks, for mail addresses. */
function asciiWord(text: string): string {
  return text
    .normalize('NFD')
    .replaceAll(/[^A-Za-z]/gu, '')
    .toLowerCase();
}
