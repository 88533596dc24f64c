/** Logins: what databases and applications of the source log in with, and whether the target knows it. */

import { sameName, shownName } from '../../base/name.ts';
import type { LoginFacts } from '../../model/assess-server-object.ts';
import { indexed } from '../name-index.ts';
import {
  doubtful,
  good,
  later,
  notReadable,
  pairRule,
  type AssessRule,
  type AssessRuleText,
  type Judgement,
} from '../rule.ts';
import { someNames } from './server-object.ts';

const COPY =
  'Copy-DbaLogin takes SID and password with it: CREATE LOGIN ... WITH PASSWORD = 0x... HASHED, SID = 0x...';
const DECISION = 'Who may log in on the target is a decision.';

function isSql(login: LoginFacts): boolean {
  return login.type === 'S';
}

function isDirectory({ type }: LoginFacts): boolean {
  return ['U', 'G', 'E', 'X'].includes(type);
}

function isKey({ type }: LoginFacts): boolean {
  return type === 'C' || type === 'K';
}

/** Accounts of Windows itself, which every machine has. */
function isBuiltIn({ name }: LoginFacts): boolean {
  return /^(nt service|nt authority|builtin)\\/iu.test(name);
}

function isLocal({ name }: LoginFacts, machine: string): boolean {
  return sameName(name.split('\\')[0] ?? '', machine);
}

function nameOf({ name }: LoginFacts): string {
  return name.toLowerCase();
}

function sidOf({ sid }: LoginFacts): string {
  return sid;
}

function byName(logins: readonly LoginFacts[], name: string): LoginFacts | undefined {
  return indexed(logins, nameOf).get(name.toLowerCase())?.[0];
}

function names(logins: readonly LoginFacts[]): string {
  return someNames(logins.map(({ name }) => name));
}

/** Names in one remedy. */
const LISTED = 15;

function createText({ name, type }: LoginFacts): string {
  const origin = type === 'E' || type === 'X' ? 'EXTERNAL PROVIDER' : 'WINDOWS';
  return `CREATE LOGIN ${shownName(name)} FROM ${origin};`;
}

function defaultsText({ name, defaultDatabase, defaultLanguage }: LoginFacts): string {
  const database = shownName(defaultDatabase ?? 'master');
  const language = shownName(defaultLanguage ?? 'us_english');
  return `ALTER LOGIN ${shownName(name)} WITH DEFAULT_DATABASE = ${database}, DEFAULT_LANGUAGE = ${language};`;
}

/** A statement for each login, as many as can be read. */
function eachLogin(
  logins: readonly LoginFacts[],
  statement: (login: LoginFacts) => string,
): string {
  const rest = logins.length > LISTED ? ' and so on.' : '';
  return `${logins.slice(0, LISTED).map(statement).join(' ')}${rest}`;
}

function copyText(
  logins: readonly LoginFacts[],
  sides: { readonly source: string; readonly target: string },
  extra = '',
): string {
  const list = logins.map(({ name }) => `'${name.replaceAll("'", "''")}'`).join(', ');
  const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
  const chosen = logins.length > LISTED ? ' -ExcludeSystemLogins' : ` -Login ${list}`;
  return `Copy-DbaLogin -Source ${quoted(sides.source)} -Destination ${quoted(sides.target)}${chosen}${extra}`;
}

interface LoginRule extends Omit<AssessRuleText, 'family'> {
  readonly judge: (
    source: readonly LoginFacts[],
    target: readonly LoginFacts[],
    around: {
      readonly sides: { readonly source: string; readonly target: string };
      /** Name of the source's machine; null when not shown. */
      readonly machine: string | null;
      readonly fenced: readonly string[];
    },
  ) => Judgement;
}

const rules: readonly LoginRule[] = [
  {
    id: 'OBJ-LOGINS',
    title: 'SQL logins of the source are on the target',
    why: 'Without its login a user of a database cannot come in (18456), from the first second after the switch.',
    remedy: COPY,
    reference: 'transferLogins',
    notScripted: DECISION,
    judge: (source, target, { sides }) => {
      const own = source.filter(isSql);
      const missing = own.filter(
        (login) =>
          byName(target, login.name) === undefined && !indexed(target, sidOf).has(login.sid),
      );
      return missing.length === 0
        ? good(`All ${own.length} SQL login(s) of the source are on the target.`)
        : doubtful(
            `${missing.length} of ${own.length} missing on the target: ${names(missing)}.`,
            copyText(missing, sides),
          );
    },
  },
  {
    id: 'OBJ-LOGIN-SIDS',
    title: 'SQL logins of one name have one SID on both sides',
    why: 'Users of a database find their login by SID, not by name: with another SID they are orphans, and nobody sees it before the switch.',
    remedy: COPY,
    reference: 'groupLogins',
    notScripted: 'The login has to be dropped on the target first, with what depends on it.',
    judge: (source, target, { sides }) => {
      const both = source.filter(isSql).filter(({ name }) => byName(target, name) !== undefined);
      const wrong = both.filter((login) => byName(target, login.name)?.sid !== login.sid);
      return wrong.length === 0
        ? good(`${both.length} SQL login(s) have the same SID on both sides.`)
        : doubtful(
            `${wrong.length} of ${both.length} have another SID on the target: ${names(wrong)}.`,
            `When nothing else on the target uses them: ${copyText(wrong, sides, ' -Force')}, which drops and creates them with the SID of the source.`,
          );
    },
  },
  {
    id: 'OBJ-LOGIN-PASSWORDS',
    title: 'SQL logins of one name have one password on both sides',
    why: 'With another password the application is refused (18456, state 8) from the first second after the switch. A password that was typed in twice has two hashes and may still be the same.',
    remedy: COPY,
    reference: 'transferLogins',
    notScripted: 'A password on the target may be another one on purpose.',
    judge: (source, target, { sides }) => {
      const both = source.filter(isSql).filter(({ name }) => byName(target, name) !== undefined);
      const shown = both.filter(
        ({ name, passwordMark }) =>
          passwordMark !== null && byName(target, name)?.passwordMark !== null,
      );
      if (shown.length < both.length)
        return later('Not compared: hashes of passwords are shown to CONTROL SERVER only.');
      const wrong = shown.filter(
        ({ name, passwordMark }) => byName(target, name)?.passwordMark !== passwordMark,
      );
      return wrong.length === 0
        ? good(`${both.length} SQL login(s) have the same hash of their password on both sides.`)
        : doubtful(
            `${wrong.length} of ${both.length} have another hash of their password: ${names(wrong)}.`,
            `Try the password on the target, or copy it: ${copyText(wrong, sides, ' -Force')}`,
          );
    },
  },
  {
    id: 'OBJ-WINDOWS-LOGINS',
    title: 'Windows and Entra logins of the source are on the target',
    why: 'People and services of the domain cannot come in without their login or that of their group.',
    remedy: 'On the target: CREATE LOGIN [<domain\\name>] FROM WINDOWS;',
    reference: 'groupLogins',
    notScripted: DECISION,
    judge: (source, target, { machine }) => {
      const own = source.filter(
        (login) =>
          isDirectory(login) && !isBuiltIn(login) && (machine === null || !isLocal(login, machine)),
      );
      const missing = own.filter(({ name }) => byName(target, name) === undefined);
      return missing.length === 0
        ? good(`All ${own.length} login(s) of the directory are on the target.`)
        : doubtful(
            `${missing.length} of ${own.length} missing on the target: ${names(missing)}.`,
            `On the target: ${eachLogin(missing, createText)}`,
          );
    },
  },
  {
    id: 'OBJ-LOCAL-LOGINS',
    title: 'No login belongs to the machine of the source',
    why: 'Local accounts and groups of the old machine do not exist anywhere else: who comes in through them stays out.',
    remedy:
      'Give these people or services a login of the domain or a SQL login, and map their users to it: ALTER USER [<user>] WITH LOGIN = [<login>];',
    reference: 'groupLogins',
    notScripted: DECISION,
    judge: (source, _target, { machine }) => {
      if (machine === null) return notReadable('the name of the machine is not shown');
      const local = source.filter((login) => isDirectory(login) && isLocal(login, machine));
      return local.length === 0
        ? good(`No login belongs to ${machine} itself.`)
        : doubtful(`${local.length} login(s) belong to ${machine} itself: ${names(local)}.`);
    },
  },
  {
    id: 'OBJ-KEY-LOGINS',
    title: 'Logins of certificates and keys are on the target',
    why: 'Signed procedures and assemblies have the rights of such logins; without them they fail with 229 or do not load.',
    remedy:
      'On the target, after the certificate or key: CREATE LOGIN [<name>] FROM CERTIFICATE [<certificate>]; then its grants.',
    reference: 'encryptionHierarchy',
    notScripted: 'The certificate or key has to be on the target first.',
    judge: (source, target) => {
      const own = source.filter(isKey);
      const missing = own.filter(({ name }) => byName(target, name) === undefined);
      return missing.length === 0
        ? good(`All ${own.length} login(s) of certificates and keys are on the target.`)
        : doubtful(`${missing.length} of ${own.length} missing on the target: ${names(missing)}.`);
    },
  },
  {
    id: 'OBJ-LOGIN-STATE',
    title: 'Logins that are enabled on the source are enabled on the target',
    why: 'A login that is disabled on the target keeps its application out after the switch (18470).',
    remedy: 'On the target: ALTER LOGIN [<login>] ENABLE;',
    reference: 'alterLogin',
    notScripted: DECISION,
    judge: (source, target, { fenced }) => {
      // The logins of the fence have a rule of their own and are enabled by the cutover.
      const both = source.filter(
        ({ name, isDisabled }) => !isDisabled && !fenced.some((login) => sameName(login, name)),
      );
      const off = both.filter(({ name }) => byName(target, name)?.isDisabled === true);
      return off.length === 0
        ? good('No login is disabled on the target only.')
        : doubtful(
            `${off.length} login(s) are disabled on the target only: ${names(off)}.`,
            `On the target: ${eachLogin(off, ({ name }) => `ALTER LOGIN ${shownName(name)} ENABLE;`)}`,
          );
    },
  },
  {
    id: 'OBJ-LOGIN-DEFAULTS',
    title: 'Logins have the same default database and language',
    why: 'An application that names no database lands in another one, and dates are read in another order.',
    remedy:
      'On the target, after the switch: ALTER LOGIN [<login>] WITH DEFAULT_DATABASE = [<database>], DEFAULT_LANGUAGE = [<language>];',
    reference: 'alterLogin',
    notScripted: 'The default database can be set only when it is open on the target.',
    judge: (source, target) => {
      const differing = source.filter((login) => {
        const other = byName(target, login.name);
        return (
          other !== undefined &&
          (!sameName(other.defaultDatabase ?? '', login.defaultDatabase ?? '') ||
            !sameName(other.defaultLanguage ?? '', login.defaultLanguage ?? ''))
        );
      });
      return differing.length === 0
        ? good('Logins of one name have the same default database and language.')
        : doubtful(
            `${differing.length} login(s) differ: ${names(differing)}.`,
            `On the target, after the switch: ${eachLogin(differing, defaultsText)}`,
          );
    },
  },
  {
    id: 'OBJ-LOGIN-POLICY',
    title: 'SQL logins follow the same password policy',
    why: 'A login that follows the policy on the target only may be locked out or have to change its password there.',
    remedy: 'On the target: ALTER LOGIN [<login>] WITH CHECK_POLICY = OFF, or accept it.',
    reference: 'alterLogin',
    notScripted: 'Less strict passwords are a decision.',
    judge: (source, target) => {
      const differing = source.filter((login) => {
        const other = byName(target, login.name);
        return (
          isSql(login) && other !== undefined && other.isPolicyChecked !== login.isPolicyChecked
        );
      });
      return differing.length === 0
        ? good('SQL logins of one name follow the same policy.')
        : doubtful(`CHECK_POLICY differs for ${differing.length} login(s): ${names(differing)}.`);
    },
  },
];

/** Rules about logins. */
export const serverLoginRules: readonly AssessRule[] = rules.map(({ judge, ...text }) =>
  pairRule({
    ...text,
    family: 'server objects',
    part: 'logins',
    judge: (source, target, { facts, migration }) =>
      judge(source, target, {
        sides: { source: facts.source.instance, target: facts.target.instance },
        machine: facts.source.server.known ? facts.source.server.value.machineName : null,
        fenced: migration.cutover.fenceLogins,
      }),
  }),
);
