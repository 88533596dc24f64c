import { goodServer } from '../../../tests/support/facts.ts';
import { goodLogin } from '../../../tests/support/facts/server.ts';
import { altered, testJudges, type JudgeCase } from '../../../tests/support/judge-cases.ts';
import { articleMigration } from '../../../tests/support/observation.ts';
import type { AssessFacts } from '../../model/assess-facts.ts';
import type { LoginFacts } from '../../model/assess-server-object.ts';
import { known, unknown } from '../../model/fact.ts';
import { serverLoginRules } from './server-login.ts';

const HOSTILE = "O'Brien]\n💥";

const login = (change: Partial<LoginFacts>): LoginFacts => ({ ...goodLogin, ...change });

const logins = (
  source: readonly LoginFacts[],
  target: readonly LoginFacts[] = [goodLogin],
): AssessFacts =>
  altered('source', { logins: known(source) }, altered('target', { logins: known(target) }));

const more = (count: number): readonly LoginFacts[] =>
  Array.from({ length: count }, (_each, index) =>
    login({ name: `app${index}`, sid: `0x${index.toString(16)}` }),
  );

const cases: readonly JudgeCase[] = [
  {
    id: 'OBJ-LOGINS',
    facts: logins([goodLogin, login({ name: HOSTILE, sid: '0x99' })]),
    outcome: 'warning',
    evidence: /^1 of 2 missing on the target: \[O'Brien\]\]\n💥\]\.$/u,
    remedy: /^Copy-DbaLogin -Source 'OnPremNode' -Destination 'SQLVM' -Login 'O''Brien\]\n💥'$/u,
  },
  {
    id: 'OBJ-LOGINS',
    facts: logins(more(40)),
    outcome: 'warning',
    evidence: /^40 of 40 missing .* and 25 more\.$/u,
    remedy: /-ExcludeSystemLogins$/u,
  },
  {
    // A login that was renamed on the target is still found by its SID.
    id: 'OBJ-LOGINS',
    facts: logins([login({ name: 'old_name' })]),
    outcome: 'success',
  },
  {
    id: 'OBJ-LOGIN-SIDS',
    facts: logins([goodLogin], [login({ sid: '0x77' })]),
    outcome: 'warning',
    evidence: /^1 of 1 have another SID on the target: \[app_writer\]\.$/u,
    remedy: /-Force/u,
  },
  {
    id: 'OBJ-LOGIN-SIDS',
    facts: logins([login({ type: 'U' })], [login({ type: 'U', sid: '0x77' })]),
    outcome: 'success',
  },
  {
    id: 'OBJ-LOGIN-PASSWORDS',
    facts: logins([goodLogin], [login({ passwordMark: '0xB2' })]),
    outcome: 'warning',
    evidence: /^1 of 1 have another hash of their password: \[app_writer\]\.$/u,
  },
  {
    id: 'OBJ-LOGIN-PASSWORDS',
    facts: logins([login({ passwordMark: null })], [login({ passwordMark: null })]),
    outcome: 'skipped',
    evidence: /CONTROL SERVER/u,
  },
  {
    id: 'OBJ-WINDOWS-LOGINS',
    facts: logins([
      login({ name: 'CONTOSO\\dba', type: 'G' }),
      login({ name: 'NT SERVICE\\SQLWriter', type: 'U' }),
      login({ name: 'OnPremNode\\local', type: 'U' }),
    ]),
    outcome: 'warning',
    evidence: /^1 of 1 missing on the target: \[CONTOSO\\dba\]/u,
    remedy: /CREATE LOGIN \[CONTOSO\\dba\] FROM WINDOWS;/u,
  },
  {
    id: 'OBJ-WINDOWS-LOGINS',
    facts: logins([login({ name: 'dba@contoso.com', type: 'E' })]),
    outcome: 'warning',
    remedy: /FROM EXTERNAL PROVIDER/u,
  },
  {
    id: 'OBJ-LOCAL-LOGINS',
    facts: logins([login({ name: 'ONPREMNODE\\backup', type: 'U' })]),
    outcome: 'warning',
  },
  {
    id: 'OBJ-LOCAL-LOGINS',
    facts: altered('source', { server: unknown('nobody may look') }),
    outcome: 'unknown',
  },
  {
    id: 'OBJ-LOCAL-LOGINS',
    facts: altered(
      'source',
      { server: known({ ...goodServer('source'), machineName: 'OTHER' }) },
      logins([login({ name: 'ONPREMNODE\\backup', type: 'U' })]),
    ),
    outcome: 'success',
  },
  {
    id: 'OBJ-KEY-LOGINS',
    facts: logins([login({ name: 'signer', type: 'C' })]),
    outcome: 'warning',
    evidence: /\[signer\]/u,
  },
  {
    id: 'OBJ-LOGIN-STATE',
    facts: logins([login({ name: 'report' })], [login({ name: 'REPORT', isDisabled: true })]),
    outcome: 'warning',
    remedy: /ALTER LOGIN \[report\] ENABLE;/u,
  },
  {
    // The fence disables and enables its logins itself.
    id: 'OBJ-LOGIN-STATE',
    facts: logins([goodLogin], [login({ isDisabled: true })]),
    migration: {
      ...articleMigration,
      cutover: { ...articleMigration.cutover, fenceLogins: ['APP_WRITER'] },
    },
    outcome: 'success',
  },
  {
    id: 'OBJ-LOGIN-DEFAULTS',
    facts: logins([login({ defaultDatabase: 'Sales' })]),
    outcome: 'warning',
    remedy: /DEFAULT_DATABASE = \[Sales\]/u,
  },
  {
    id: 'OBJ-LOGIN-DEFAULTS',
    facts: logins([goodLogin], [login({ defaultLanguage: 'Deutsch' })]),
    outcome: 'warning',
  },
  {
    id: 'OBJ-LOGIN-POLICY',
    facts: logins([goodLogin], [login({ isPolicyChecked: false })]),
    outcome: 'warning',
  },
];

testJudges(serverLoginRules, cases);
