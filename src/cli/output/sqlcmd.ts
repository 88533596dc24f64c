/** What scripts for sqlcmd have in common: how they begin, change the instance, and hold no variable by accident. */

import { printable } from './format.ts';

/** First lines: the script stops at the first error, and `$(` in statements stays what it is. */
export const sqlcmdHead: readonly string[] = [
  ':on error exit',
  // sqlcmd would replace $(name) inside statements too; what it puts in is not looked at again.
  ':setvar sqlferry_dollar "$"',
];

/** What follows runs on this instance, in master; a name cannot leave its line. */
export function connectTo(instance: string): readonly string[] {
  return ['', `:CONNECT ${withoutVariables(printable(instance))}`, 'USE [master];', 'GO'];
}

/** The text with nothing in it that sqlcmd takes for a scripting variable. */
export function withoutVariables(text: string): string {
  return text.replaceAll('$(', '$(sqlferry_dollar)(');
}
