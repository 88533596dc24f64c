/**
 * Objects of the server that no database carries along: what the source has and the target lacks.
 *
 * One rule per kind, from the table in `server-object-table.ts`; logins have rules of their own in
 * `server-login.ts`. Nothing here is copied by sqlferry: the findings count and name.
 */

import { sameName, shownName, shownNames } from '../../base/name.ts';
import type { ServerObjectFacts } from '../../model/assess-server-object.ts';
import { indexed } from '../name-index.ts';
import {
  doubtful,
  good,
  later,
  notReadable,
  pairRule,
  type AssessRule,
  type Judgement,
} from '../rule.ts';
import type { ObjectRow, Sides } from './server-object-row.ts';
import { objectRows } from './server-object-table.ts';

/** Names printed in one sentence; the rest is counted. */
const SHOWN_NAMES = 15;

/** Names in brackets, the rest as a number. */
export function someNames(names: readonly string[]): string {
  const rest = names.length - SHOWN_NAMES;
  return rest > 0
    ? `${shownNames(names.slice(0, SHOWN_NAMES))} and ${rest} more`
    : shownNames(names);
}

/** What the target lacks, has otherwise, or has switched off. */
export interface ObjectDifference {
  readonly missing: readonly ServerObjectFacts[];
  readonly different: readonly ServerObjectFacts[];
  readonly off: readonly ServerObjectFacts[];
}

const keys = {
  name: ({ name }: ServerObjectFacts): string => name.toLowerCase(),
  detail: ({ detail }: ServerObjectFacts): string => detail.toLowerCase(),
} as const;

/** Compares one kind; `by` says what makes two objects the same. */
export function compareObjects(
  source: readonly ServerObjectFacts[],
  target: readonly ServerObjectFacts[],
  by: 'name' | 'detail',
): ObjectDifference {
  const missing: ServerObjectFacts[] = [];
  const different: ServerObjectFacts[] = [];
  const off: ServerObjectFacts[] = [];
  for (const object of source) {
    const there = indexed(target, keys[by]).get(object[by].toLowerCase())?.[0];
    if (there === undefined) missing.push(object);
    else if (by === 'name' && there.detail !== object.detail) different.push(object);
    else if (object.isEnabled === true && there.isEnabled === false) off.push(object);
  }
  return { missing, different, off };
}

function judgeObjects(
  row: ObjectRow,
  lists: {
    readonly source: readonly ServerObjectFacts[];
    readonly target: readonly ServerObjectFacts[];
  },
  sides: Sides,
): Judgement {
  const { source, target } = lists;
  const found = compareObjects(source, target, row.by ?? 'name');
  const names = (objects: readonly ServerObjectFacts[]): string =>
    someNames(objects.map(({ name }) => name));
  const parts = [
    ...(found.missing.length > 0
      ? [
          `${found.missing.length} of ${source.length} missing on the target: ${names(found.missing)}`,
        ]
      : []),
    ...(found.different.length > 0
      ? [`${found.different.length} different: ${names(found.different)}`]
      : []),
    ...(found.off.length > 0 && row.off !== undefined
      ? [`${found.off.length} ${row.off} on the target only: ${names(found.off)}`]
      : []),
  ];
  if (parts.length === 0) {
    return good(
      source.length === 0
        ? `The source has no ${row.plural}.`
        : `All ${source.length} ${row.plural} of the source are on the target.`,
    );
  }
  const wanted = [...found.missing, ...found.different].map(({ name }) => name);
  const remedy = wanted.length === 0 ? row.general : row.remedy(wanted, sides);
  return doubtful(`${parts.join('; ')}.`, remedy);
}

const objectRules = objectRows.map((row) =>
  pairRule({
    id: row.id,
    title: row.title,
    family: 'server objects',
    part: row.kind,
    why: row.why,
    remedy: row.general,
    reference: row.reference,
    notScripted: row.notScripted,
    judge: (source, target, { facts }) =>
      judgeObjects(
        row,
        { source, target },
        { source: facts.source.instance, target: facts.target.instance },
      ),
  }),
);

const governorRule = pairRule({
  id: 'OBJ-RESOURCE-GOVERNOR',
  title: 'The resource governor works on the target when it does on the source',
  family: 'server objects',
  part: 'resourceGovernor',
  why: 'Without it reports and batches take what the applications need; the classifier function lives in master and does not travel.',
  remedy:
    'Create the classifier function in master of the target, then: ALTER RESOURCE GOVERNOR WITH (CLASSIFIER_FUNCTION = dbo.<function>); ALTER RESOURCE GOVERNOR RECONFIGURE;',
  reference: 'resourceGovernor',
  notScripted: 'The classifier function has to be written on the target first.',
  judge: (source, target) => {
    const [from] = source;
    const [to] = target;
    if (from === undefined || to === undefined)
      return notReadable('sys.resource_governor_configuration shows no row');
    if (from.isEnabled !== true) return good('The resource governor is off on the source.');
    const words = (side: ServerObjectFacts): string =>
      side.isEnabled === true
        ? `on${side.detail === '' ? '' : ` with classifier ${shownName(side.detail)}`}`
        : 'off';
    const evidence = `Source ${words(from)}, target ${words(to)}.`;
    return to.isEnabled === true && sameName(from.detail, to.detail)
      ? good(evidence)
      : doubtful(evidence);
  },
});

const ownerRule = pairRule({
  id: 'OBJ-JOB-OWNERS',
  title: 'The owners of the jobs have logins on the target',
  family: 'server objects',
  part: 'jobOwners',
  why: 'A job whose owner has no login does not run; a copied job keeps its owner.',
  remedy:
    "On the target: EXEC msdb.dbo.sp_update_job @job_name = N'<job>', @owner_login_name = N'<login>';",
  reference: 'agent',
  notScripted: 'Who shall own the job, only a person knows.',
  judge: (source, _target, { facts }) => {
    if (!facts.target.logins.known) return notReadable(facts.target.logins);
    const names = new Set(facts.target.logins.value.map(({ name }) => name.toLowerCase()));
    const orphans = source.filter(
      ({ detail }) => !sameName(detail, 'sa') && !names.has(detail.toLowerCase()),
    );
    if (orphans.length === 0)
      return good(`The owners of all ${source.length} job(s) have logins on the target.`);
    const owners = [...new Set(orphans.map(({ detail }) => detail))].map((owner) =>
      owner === '' ? 'a login that is gone' : shownName(owner),
    );
    return doubtful(
      `${orphans.length} job(s) of the source belong to ${owners.join(', ')}, without login on the target: ${someNames(orphans.map(({ name }) => name))}.`,
    );
  },
});

const twiceRule = pairRule({
  id: 'OBJ-JOBS-TWICE',
  title: 'No job runs on both sides before the cutover',
  family: 'server objects',
  part: 'jobs',
  why: 'A job that is enabled on both sides runs twice, on the target against databases that cannot be written: files are sent twice, and it fails every night until the switch.',
  remedy:
    "On the target, until the cutover: EXEC msdb.dbo.sp_update_job @job_name = N'<job>', @enabled = 0;",
  reference: 'groupLogins',
  notScripted: 'A job may be meant to run on both sides, for example maintenance of the server.',
  judge: (source, target) => {
    const twice = source.filter(
      ({ name, isEnabled }) =>
        isEnabled === true &&
        (indexed(target, keys.name).get(name.toLowerCase()) ?? []).some(
          (other) => other.isEnabled === true,
        ),
    );
    const ours = twice.filter(({ name }) => name !== 'syspolicy_purge_history');
    return ours.length === 0
      ? good('No job is enabled on both sides.')
      : doubtful(
          `${ours.length} job(s) are enabled on both sides: ${someNames(ours.map(({ name }) => name))}.`,
        );
  },
});

const catalogRule = pairRule({
  id: 'OBJ-SSISDB',
  title: 'The catalog of Integration Services is on the target',
  family: 'server objects',
  part: 'databases',
  why: 'Packages in SSISDB are not part of this migration: the catalog has keys and jobs of its own.',
  remedy:
    'Create the catalog on the target (SSMS, Integration Services Catalogs, Create Catalog), then restore SSISDB with its master key password, or deploy the projects again.',
  reference: 'manageMetadata',
  judge: (source, target, { migration }) => {
    const has = (databases: readonly { readonly name: string }[]): boolean =>
      databases.some(({ name }) => sameName(name, 'SSISDB'));
    if (!has(source)) return good('The source has no SSISDB.');
    if (has(target)) return good('SSISDB is on both sides.');
    return migration.databases.kind === 'named' &&
      has(migration.databases.names.map((name) => ({ name })))
      ? later('SSISDB is among the databases of this migration.')
      : doubtful('The source has SSISDB, the target has not.');
  },
});

/** Rules about server objects, logins aside. */
export const serverObjectRules: readonly AssessRule[] = [
  ...objectRules,
  governorRule,
  ownerRule,
  twiceRule,
  catalogRule,
];
