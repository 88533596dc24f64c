/** Findings for tests of what is made of them. */

import type { Finding, Outcome } from '../../src/model/finding.ts';

/** A finding about the source of the article's migration. */
export function makeFinding(id: string, outcome: Outcome, more: Partial<Finding> = {}): Finding {
  return {
    id,
    title: 'what must hold',
    outcome,
    side: 'source',
    instance: 'OnPremNode',
    database: null,
    evidence: `Seen for ${id}: a value.`,
    remedy: outcome === 'error' ? 'ALTER DATABASE [x] SET RECOVERY FULL;' : '',
    reference: 'https://learn.microsoft.com/',
    family: 'databases',
    seed: null,
    fix: null,
    notScripted: null,
    waived: null,
    ...more,
  };
}
