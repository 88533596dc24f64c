/** Rules about jobs and trace flags of both instances after the cutover. */

import { sameName, shownLiteral, shownNames } from '../../base/name.ts';
import { together } from '../../model/fact.ts';
import { afterRule } from '../after-rule.ts';
import { doubtful, good, type AssessRule } from '../rule.ts';

/** Trace flags that belong to the seeding: 9567 compresses its stream, 12381 keeps its log. */
const SEEDING_FLAGS = [9567, 12381];

/** Jobs of the server itself and of sqlferry: they belong on each instance. */
const OWN_JOBS = /^(?:syspolicy_purge_history|sqlferry)/iu;

const flags = [
  afterRule({
    id: 'POST-TRACE-FLAGS',
    title: 'The trace flags of the seeding are off',
    why: '9567 costs processor time on every later seeding, 12381 keeps log that nobody needs any more.',
    remedy: 'DBCC TRACEOFF (<flag>, -1), and out of the startup parameters.',
    reference: 'seeding',
    read: ({ source, target }) => together({ from: source.traceFlags, to: target.traceFlags }),
    judge: ({ from, to }) => {
      const on = (flags: typeof from): readonly number[] =>
        flags.map(({ flag }) => flag).filter((flag) => SEEDING_FLAGS.includes(flag));
      const found = [
        ...on(from).map((flag) => `${flag} on the source`),
        ...on(to).map((flag) => `${flag} on the target`),
      ];
      return found.length === 0
        ? good(`Trace flags ${SEEDING_FLAGS.join(' and ')} are off.`)
        : doubtful(
            `Still on: ${found.join(', ')}.`,
            found.map((each) => each.replace(/^(\d+) on/u, 'DBCC TRACEOFF ($1, -1) on')).join('; '),
          );
    },
  }),
];

const jobs = [
  afterRule({
    id: 'POST-JOBS-TARGET',
    title: 'Jobs that run on the source are enabled on the target',
    why: 'Copied jobs stay disabled until the cutover; who forgets them has no backups and no nightly work.',
    remedy: "EXEC msdb.dbo.sp_update_job @job_name = N'<job>', @enabled = 1 on the target.",
    reference: 'groupLogins',
    read: ({ source, target }) => together({ from: source.jobs, to: target.jobs }),
    judge: ({ from, to }) => {
      const off = to.filter(
        (job) => job.isEnabled === false && from.some((other) => sameName(other.name, job.name)),
      );
      return off.length === 0
        ? good('No job that both sides have is disabled on the target.')
        : doubtful(
            `Disabled on the target: ${shownNames(off.map(({ name }) => name))}.`,
            off.map(({ name }) => updateJob(name, 1)).join('; '),
          );
    },
  }),
  afterRule({
    id: 'POST-JOBS-SOURCE',
    title: 'Jobs that run on the target are disabled on the source',
    why: 'On the source they fail against databases that take no writes, or work on data of yesterday.',
    remedy:
      "EXEC msdb.dbo.sp_update_job @job_name = N'<job>', @enabled = 0 on the source, for jobs that work on databases of the migration.",
    reference: 'groupLogins',
    read: ({ source, target }) => together({ from: source.jobs, to: target.jobs }),
    judge: ({ from, to }) => {
      const twice = from.filter(
        (job) =>
          job.isEnabled !== false &&
          !OWN_JOBS.test(job.name) &&
          to.some((other) => sameName(other.name, job.name) && other.isEnabled !== false),
      );
      return twice.length === 0
        ? good('No job is enabled on both sides.')
        : doubtful(
            `Enabled on both sides: ${shownNames(twice.map(({ name }) => name))}.`,
            twice.map(({ name }) => updateJob(name, 0)).join('; '),
          );
    },
  }),
];

function updateJob(name: string, enabled: 0 | 1): string {
  return `EXEC msdb.dbo.sp_update_job @job_name = ${shownLiteral(name)}, @enabled = ${enabled}`;
}

/** Rules about what runs on the instances after the cutover. */
export const postServerRules: readonly AssessRule[] = [...flags, ...jobs];
