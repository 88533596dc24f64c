/**
 * What a release of SQL Server does not know yet: on it the words below are errors as on a real one.
 *
 * Sources: Microsoft Learn, the page of each statement and function ("Applies to"). Not here: columns of
 * the catalog (`catalog/columns/`), properties (`catalog/server-property.ts`).
 */

/** Year under which a release is sold. */
export type Release = 2016 | 2017 | 2019 | 2022 | 2025;

/** The release that knows every word of the lab. */
export const NEWEST_RELEASE: Release = 2025;

/** Built-in functions that came after 2016; before, the name is not recognized (195). */
const FUNCTION_RELEASES: Readonly<Record<string, Release | undefined>> = {
  CONCAT_WS: 2017,
  STRING_AGG: 2017,
  TRANSLATE: 2017,
  TRIM: 2017,
  DATETRUNC: 2022,
  DATE_BUCKET: 2022,
  GREATEST: 2022,
  JSON_ARRAY: 2022,
  JSON_OBJECT: 2022,
  LEAST: 2022,
  BIT_COUNT: 2022,
  GET_BIT: 2022,
  LEFT_SHIFT: 2022,
  RIGHT_SHIFT: 2022,
  SET_BIT: 2022,
  PRODUCT: 2025,
  REGEXP_LIKE: 2025,
  REGEXP_REPLACE: 2025,
};

/** Functions in FROM that came after 2016; before, there is no such object (208). */
const TABLE_FUNCTION_RELEASES: Readonly<Record<string, Release | undefined>> = {
  GENERATE_SERIES: 2022,
};

/** The release knows the function; upper-case name. */
export function knowsFunction(release: Release, name: string): boolean {
  return release >= (FUNCTION_RELEASES[name] ?? release);
}

/** The release knows the function in FROM; upper-case name. */
export function knowsTableFunction(release: Release, name: string): boolean {
  return release >= (TABLE_FUNCTION_RELEASES[name] ?? release);
}
