/** Lab cases of the rules about endpoints. */

import { all, bothSides, type AssessCase, type Exemptions } from './case.ts';

const STOP = 'ALTER ENDPOINT [Hadr_endpoint] STATE = STOPPED';

/** The cases. */
export const endpointCases: readonly AssessCase[] = [
  {
    title: 'endpoints as migrate makes them',
    stage: 'endpoints',
    wire: true,
    expect: [
      ...bothSides('success', [
        'EP-EXISTS',
        'EP-STARTED',
        'EP-ADDRESS',
        'EP-PORT',
        'EP-ROLE',
        'EP-AUTHENTICATION',
        'EP-PORT-FREE',
        'PEER-CONNECT',
      ]),
      ...all('success', ['PAIR-EP-ENCRYPTION']),
    ],
  },
  {
    title: 'both endpoints are stopped',
    stage: 'endpoints',
    source: [STOP],
    target: [STOP],
    expect: [
      {
        rule: 'SRC-EP-STARTED',
        outcome: 'warning',
        evidence: /STOPPED/u,
        remedy: /STATE = STARTED/u,
      },
      { rule: 'TGT-EP-STARTED', outcome: 'warning', evidence: /STOPPED/u },
    ],
  },
];

const OUTSIDE = 'nothing over a SQL Server connection shows it';

/** Rules without such cases. */
export const endpointExempt: Exemptions = {
  'NET-PATH': { passes: OUTSIDE, fails: OUTSIDE },
  'NET-FIREWALL': { passes: OUTSIDE, fails: OUTSIDE },
  'NET-NAMES': { passes: OUTSIDE, fails: OUTSIDE },
  'AUTH-DC': { passes: OUTSIDE, fails: OUTSIDE },
};
