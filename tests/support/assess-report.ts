/** Reports with every kind of finding, hostile names and many databases, without a server. */

import { assessRules } from '../../src/assess/table.ts';
import { applyWaivers, assessmentOf } from '../../src/assess/waiver.ts';
import { citation } from '../../src/model/reference.ts';
import type { Finding, Outcome } from '../../src/model/finding.ts';
import type { AssessReport } from '../../src/cli/output/assess-report.ts';
import { goodFacts } from './facts.ts';
import { makeFinding } from './finding.ts';
import { articleMigration } from './observation.ts';

/** Names that SQL Server allows and that must not do anything anywhere. */
export const hostileNames: readonly string[] = [
  '<script>alert(1)</script>',
  `"><img src=x onerror="alert(2)">`,
  "O'Brien]]; DROP DATABASE [x]; --",
  'line\nGO\nDROP DATABASE [y]\nGO',
  '*/ DROP DATABASE [z] /*',
  '$(sqlferry_dollar) $(PATH)',
  'right\u202Eto left',
  '漢字 🚢 \u{1F468}\u200D\u{1F469}',
  'x'.repeat(128),
  '&amp;&lt;',
  ':!!rm -rf /',
];

/** `Sales 001`, ... */
export function manyNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `Sales ${String(at + 1).padStart(3, '0')}`);
}

/** The report over findings, of the article's migration. */
export function reportOf(
  findings: readonly Finding[],
  more: Partial<AssessReport> = {},
): AssessReport {
  return {
    assessment: assessmentOf(findings),
    waivers: [],
    comparison: null,
    estimates: [],
    migration: articleMigration,
    facts: goodFacts,
    at: '2026-11-22T03:04:05.000Z',
    local: '22 Nov 2026, 04:04:05 CET',
    version: '0.1.0',
    ...more,
  };
}

/** An ordinary day: a blocker in many databases, another on the target, doubts, a waiver, much in order. */
export function ordinaryReport(): AssessReport {
  const names = manyNames(100);
  const recovery = (database: string, outcome: Outcome): Finding =>
    makeFinding('DB-RECOVERY-FULL', outcome, {
      title: 'The recovery model is FULL',
      database,
      evidence:
        outcome === 'error'
          ? `[${database}] is in the SIMPLE model.`
          : `[${database}] is in the FULL model.`,
      remedy: outcome === 'error' ? `ALTER DATABASE [${database}] SET RECOVERY FULL` : '',
      seed: 'SEED-SRC-FULL',
      fix: {
        instance: 'OnPremNode',
        changes: [{ kind: 'database-option', database, option: 'RECOVERY FULL' }],
      },
    });
  const findings = [
    makeFinding('SRC-VERSION', 'success', {
      title: 'SQL Server 2017 or later',
      family: 'instance',
    }),
    makeFinding('TGT-EP-ADDRESS', 'error', {
      title: 'The endpoint listens on all addresses',
      family: 'endpoint',
      side: 'target',
      instance: 'SQLVM',
      evidence: '[Hadr_endpoint] listens on 10.0.0.4 only.',
      remedy: 'ALTER ENDPOINT [Hadr_endpoint] AS TCP (LISTENER_PORT = 5022, LISTENER_IP = ALL)',
      notScripted: 'The sessions of every group that uses the endpoint are cut while it changes.',
    }),
    makeFinding('TGT-LOGIN', 'unknown', {
      title: 'The logins of the fence list exist',
      family: 'permissions',
      side: 'target',
      instance: 'SQLVM',
      evidence: 'Not read: login [reader] has no VIEW ANY DEFINITION.',
      remedy: 'GRANT VIEW ANY DEFINITION TO [reader];',
    }),
    makeFinding('PAIR-COLLATION', 'warning', {
      title: 'Both instances have the same collation',
      family: 'pair',
      side: null,
      instance: null,
      evidence: 'Latin1_General_CI_AS and SQL_Latin1_General_CP1_CI_AS.',
      remedy: 'Test what compares names in tempdb with names in the database.',
    }),
    makeFinding('NET-FIREWALL', 'skipped', {
      title: 'Firewalls let the SQL Server and endpoint ports through, both ways',
      family: 'by hand',
      side: null,
      instance: null,
      evidence: 'Not visible over a SQL Server connection.',
      remedy: 'Test-NetConnection <fqdn of the other> -Port 5022, on each server.',
    }),
    makeFinding('SRC-EP-STARTED', 'skipped', {
      title: 'The endpoint is started',
      family: 'endpoint',
      evidence: 'There is no endpoint yet; migrate creates it as it must be.',
    }),
    ...names.map((name, at) => recovery(name, at < 87 ? 'error' : 'success')),
    ...names.map((database) =>
      makeFinding('DB-ONLINE', 'success', { title: 'The database is ONLINE', database }),
    ),
    makeFinding('DB-OWNER', 'error', {
      title: 'The owner of the database is a known login',
      database: 'Sales 001',
      evidence: '[Sales 001] has an owner without a login.',
      remedy: 'ALTER AUTHORIZATION ON DATABASE::[Sales 001] TO [sa]',
    }),
    ...['Sales 001', 'Sales 002'].map((database) =>
      makeFinding('DB-TRUSTWORTHY', 'warning', {
        title: 'TRUSTWORTHY and DB_CHAINING are off',
        database,
        evidence: `TRUSTWORTHY of [${database}] is ON; the target sets it OFF when the database arrives.`,
        remedy: `ALTER DATABASE [${database}] SET TRUSTWORTHY ON, on the target after the cutover.`,
      }),
    ),
  ];
  const waived = applyWaivers(
    assessmentOf(findings),
    [
      {
        rule: 'DB-OWNER',
        database: null,
        instance: null,
        reason: 'The owner is mended after the move (CHG-1).',
        expires: '2026-12-31',
      },
      {
        rule: 'DB-RECOVERY-FULL',
        database: null,
        instance: null,
        reason: 'Agreed in the summer.',
        expires: '2026-08-31',
      },
    ],
    Date.parse('2026-11-22T03:04:05Z'),
  );
  return reportOf(findings, {
    ...waived,
    estimates: [
      {
        id: 'EST-SEEDING-TOTAL',
        database: null,
        unit: 'milliseconds',
        low: 600_000,
        high: 1_500_000,
        words: 'Seeding all databases takes 10 to 25 minutes.',
        restsOn: ['Bandwidth of an earlier seeding.', 'The size of the data files.'],
        warning: null,
      },
      {
        id: 'EST-LOG-GROWTH',
        database: 'Sales 001',
        unit: 'bytes',
        low: 1_000_000,
        high: 9_000_000_000,
        words: 'The log of [Sales 001] grows by up to 9 GB while it is seeded.',
        restsOn: ['Log written since the last start.'],
        warning: 'The log file has room for 2 GB.',
      },
    ],
  });
}

/** Every rule there is, failing on every database it could be asked about. */
export function worstReport(databases: readonly string[]): AssessReport {
  const outcomes: readonly Outcome[] = ['error', 'unknown', 'warning', 'error', 'success'];
  const findings = assessRules.flatMap((rule, at) => {
    const places = rule.family === 'databases' ? databases : [null];
    return places.map((database, row): Finding => {
      const outcome = outcomes[(at + row) % outcomes.length] ?? 'error';
      return makeFinding(rule.id, outcome, {
        title: rule.title,
        family: rule.family,
        database,
        // As long as the evidence of real rules is on average, and then half as much again.
        evidence: `[${database ?? 'OnPremNode'}] shows a value that is not the one that this rule asks for, here 8 instead of 16, set on 2026-11-21.`,
        remedy: outcome === 'success' ? '' : rule.remedy.replaceAll('...', `[${database}]`),
        reference: citation(rule.reference),
        fix:
          outcome === 'error' && database !== null
            ? {
                instance: 'OnPremNode',
                changes: [{ kind: 'database-option', database, option: 'AUTO_CLOSE OFF' }],
              }
            : null,
      });
    });
  });
  return reportOf(findings);
}

/** Every hostile name in every place that a report prints. */
export function hostileReport(): AssessReport {
  const findings = hostileNames.flatMap((name) => [
    makeFinding('DB-RECOVERY-FULL', 'error', {
      database: name,
      instance: 'OnPremNode',
      evidence: `[${name}] is in the SIMPLE model.`,
      remedy: `ALTER DATABASE [${name}] SET RECOVERY FULL`,
      fix: {
        instance: 'OnPremNode',
        changes: [{ kind: 'database-option', database: name, option: 'RECOVERY FULL' }],
      },
    }),
    makeFinding('DB-OWNER', 'warning', {
      database: name,
      instance: name,
      title: `title ${name}`,
      evidence: name,
      remedy: name,
      reference: name,
      notScripted: name,
      waived: { reason: name, expires: '2026-12-31' },
    }),
    makeFinding('DB-ONLINE', 'success', { database: name, evidence: name }),
  ]);
  const waivers = hostileNames.map((name) => ({
    rule: 'DB-OWNER',
    database: name,
    instance: name,
    reason: name,
    expires: '2026-12-31',
    state: 'counts' as const,
    findings: 1,
  }));
  const comparison = {
    file: hostileNames[0] ?? '',
    at: hostileNames[1] ?? '',
    fixed: findings,
    appeared: findings,
    changed: [],
    gone: findings,
  };
  return reportOf(findings, { waivers, comparison });
}
