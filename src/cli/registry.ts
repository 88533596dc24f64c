/** The commands, in the order of the way through a migration; each is loaded only when asked for. */

import type { CommandModule } from './command-module.ts';

/** A command's name and line for `--help`, known without loading it. */
export interface RegistryEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandModule>;
}

/** All commands. */
export const registry: readonly RegistryEntry[] = [
  {
    name: 'assess',
    summary: 'check every prerequisite on both sides; changes nothing',
    load: () => import('./command/assess.ts'),
  },
  {
    name: 'plan',
    summary: 'print the runbook: every statement, where it runs, why, how it is undone',
    load: () => import('./command/plan.ts'),
  },
  {
    name: 'migrate',
    summary: 'carry the plan out up to "ready for cutover"; run again to resume',
    load: () => import('./command/migrate.ts'),
  },
  {
    name: 'status',
    summary: 'show both sides in one view, what happens next and why it waits',
    load: () => import('./command/status.ts'),
  },
  {
    name: 'cutover',
    summary: 'move the writes from the source to the target',
    load: () => import('./command/cutover.ts'),
  },
  {
    name: 'abort',
    summary: 'before the point of no return: make the source writable again',
    load: () => import('./command/abort.ts'),
  },
  {
    name: 'failback',
    summary: 'after the cutover: move the writes back to the source',
    load: () => import('./command/failback.ts'),
  },
  {
    name: 'finish',
    summary: 'after the cutover: keep the distributed availability group or drop it',
    load: () => import('./command/finish.ts'),
  },
  {
    name: 'diagnose',
    summary: 'say from the servers alone where a switch stands and what goes on safely',
    load: () => import('./command/diagnose.ts'),
  },
  {
    name: 'watch',
    summary: 'stand guard as the dead-man (deadMan: watcher) until Ctrl-C',
    load: () => import('./command/watch.ts'),
  },
  {
    name: 'explain',
    summary: 'explain a rule, a row of diagnose, a problem code or a SQL Server error number',
    load: () => import('./command/explain.ts'),
  },
  {
    name: 'export',
    summary: 'script the existing availability groups as T-SQL, both sides',
    load: () => import('./command/export.ts'),
  },
  {
    name: 'bundle',
    summary: 'collect journal, observations, assessment and plan in one text for support',
    load: () => import('./command/bundle.ts'),
  },
  {
    name: 'lab',
    summary: 'run SQL Servers simulated in one process, to try everything without risk',
    load: () => import('./command/lab.ts'),
  },
  {
    name: 'demo',
    summary: 'a whole migration in the lab, with an application writing, and the proof',
    load: () => import('./command/demo.ts'),
  },
];
