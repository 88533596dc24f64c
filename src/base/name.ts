/** Comparison of SQL Server names. */

/** Whether two names mean the same object: instances of the usual collations ignore case. */
export function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}
