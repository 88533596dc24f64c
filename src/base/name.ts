/** Comparison of SQL Server names. */

/** Whether two names mean the same object: instances of the usual collations ignore case. */
export function sameName(left: string, right: string): boolean {
  return nameKey(left) === nameKey(right);
}

/** What names have in common that mean the same object, for maps and sets. */
export function nameKey(name: string): string {
  return name.toLowerCase();
}

/** A name in brackets as T-SQL and messages show it. Statements are built in `sql/`, not with this. */
export function shownName(name: string): string {
  return `[${name.replaceAll(']', ']]')}]`;
}

/** A text as a literal, as T-SQL and messages show it. Statements are built in `sql/`, not with this. */
export function shownLiteral(text: string): string {
  return `N'${text.replaceAll("'", "''")}'`;
}

/** Names in brackets, separated by commas. */
export function shownNames(names: readonly string[]): string {
  return names.map(shownName).join(', ');
}
