/** Rules about both instances together: versions, names, collation, clock, configuration, domain. */

import { sameName } from '../../base/name.ts';
import { parseUtc } from '../../base/utc.ts';
import { bad, doubtful, good, later, pairRule, type AssessRule } from '../rule.ts';

/** Clocks may differ this much without a word, in milliseconds; reading both takes part of it. */
const clockToleranceMs = 5000;

/** Rules about the pair. */
export const pairRules: readonly AssessRule[] = [
  pairRule({
    id: 'PAIR-VERSION',
    seed: 'SEED-TGT-VERSION',
    title: 'Both instances have the same major version',
    family: 'pair',
    part: 'server',
    why: 'Automatic seeding works between equal versions only (946); to a lower one nothing works.',
    remedy:
      'Use a target of the same version, or manual seeding to a higher one (no way back then).',
    reference: 'distributed',
    judge: (source, target, { migration }) => {
      const evidence = `Source ${source.productVersion}, target ${target.productVersion}.`;
      if (source.versionMajor === target.versionMajor) return good(evidence);
      if (target.versionMajor < source.versionMajor) return bad(evidence);
      return migration.seeding.kind === 'automatic'
        ? bad(`${evidence} Automatic seeding needs the same version.`)
        : doubtful(`${evidence} The databases are upgraded at the cutover: no way back.`);
    },
  }),
  pairRule({
    id: 'PAIR-BUILD',
    title: 'Both instances have the same build',
    family: 'pair',
    part: 'server',
    why: 'Different cumulative updates are supported, yet known faults come from mixes; patch the target first, then the source.',
    remedy: 'Bring both instances to the same cumulative update.',
    reference: 'distributed',
    judge: (source, target) => {
      if (source.versionMajor !== target.versionMajor) return later('The versions differ already.');
      const evidence = `Source ${source.productVersion}, target ${target.productVersion}.`;
      return source.productVersion === target.productVersion ? good(evidence) : doubtful(evidence);
    },
  }),
  pairRule({
    id: 'PAIR-INSTANCE-NAME',
    seed: 'SEED-TGT-INSTANCE-NAME',
    title: 'Both instances have the same instance name',
    family: 'pair',
    part: 'server',
    why: 'Automatic seeding of a distributed availability group asks for equal instance names, as both default or both with one name.',
    remedy:
      'Install the target with the same instance name, or use manual seeding and add later files by hand.',
    reference: 'prerequisites',
    judge: (source, target, { migration }) => {
      const names = [source, target].map((server) => server.instanceName ?? 'MSSQLSERVER');
      const evidence = `Source ${names[0] ?? ''}, target ${names[1] ?? ''}.`;
      if (sameName(names[0] ?? '', names[1] ?? '')) return good(evidence);
      return migration.seeding.kind === 'automatic' ? bad(evidence) : doubtful(evidence);
    },
  }),
  pairRule({
    id: 'PAIR-COLLATION',
    title: 'Both instances have the same collation',
    family: 'pair',
    part: 'server',
    why: 'tempdb has the collation of the instance: comparisons with temporary tables fail where it differs from the database.',
    remedy: 'Rebuild the target with the collation of the source, or test the applications.',
    reference: 'groupPrerequisites',
    judge: (source, target) => {
      const evidence = `Source ${source.collation}, target ${target.collation}.`;
      return sameName(source.collation, target.collation) ? good(evidence) : doubtful(evidence);
    },
  }),
  pairRule({
    id: 'PAIR-CLOCK',
    title: 'Both clocks show the same time',
    family: 'pair',
    part: 'server',
    why: 'Kerberos and certificates fail when clocks drift, and logs of both sides are hard to read together.',
    remedy: 'Let both machines follow the same time service (w32tm /resync).',
    reference: 'prerequisites',
    judge: (source, target) => {
      const difference = millisecondsBetween(source.utcNow, target.utcNow);
      if (difference === null)
        return { outcome: 'unknown', evidence: 'A clock could not be read.' };
      const evidence = `The clocks differ by ${(difference / 1000).toFixed(1)} s.`;
      return difference <= clockToleranceMs ? good(evidence) : doubtful(evidence);
    },
  }),
  pairRule({
    id: 'AUTH-DOMAIN',
    seed: 'SEED-AUTH-DOMAIN',
    title: 'Both machines are in the same domain',
    family: 'authentication',
    part: 'server',
    why: 'The endpoints authenticate with Windows accounts; across domains a trust or certificates are needed.',
    remedy:
      'Join both machines to one domain, or set up a trust, or use certificates on the endpoints (by hand in this version).',
    reference: 'prerequisites',
    judge: (source, target) => {
      const evidence = `Source ${source.defaultDomain ?? 'in no domain'}, target ${target.defaultDomain ?? 'in no domain'}.`;
      if (source.defaultDomain === null || target.defaultDomain === null) return bad(evidence);
      return sameName(source.defaultDomain, target.defaultDomain)
        ? good(evidence)
        : doubtful(`${evidence} A trust between them is not visible from here.`);
    },
  }),
  pairRule({
    id: 'PAIR-EP-ENCRYPTION',
    title: 'The endpoints agree on an encryption algorithm',
    family: 'endpoint',
    part: 'endpoints',
    why: 'Endpoints that allow only AES on one side and only RC4 on the other never connect (28027).',
    remedy:
      'ALTER ENDPOINT ... FOR DATABASE_MIRRORING (ENCRYPTION = REQUIRED ALGORITHM AES) on both sides.',
    reference: 'alterEndpoint',
    judge: (source, target) => {
      const [from] = source;
      const [to] = target;
      if (from === undefined || to === undefined)
        return later('An endpoint does not exist yet; migrate creates it with AES.');
      const evidence = `Source ${from.encryptionAlgorithmDesc}, target ${to.encryptionAlgorithmDesc}.`;
      return algorithmsMeet(from.encryptionAlgorithmDesc, to.encryptionAlgorithmDesc)
        ? good(evidence)
        : bad(evidence);
    },
  }),
];

function algorithmsMeet(left: string, right: string): boolean {
  const words = (text: string): readonly string[] => text.toUpperCase().split(/[\s,]+/u);
  return words(left).some((word) => words(right).includes(word));
}

/** Distance of two ISO 8601 UTC times; null when one cannot be read. */
function millisecondsBetween(left: string, right: string): number | null {
  const from = epoch(left);
  const to = epoch(right);
  return from === null || to === null ? null : Math.abs(from - to);
}

/** SYSUTCDATETIME() has up to seven decimals and may come without its Z. */
function epoch(text: string): number | null {
  const short = text.replace(/(\.\d{3})\d+/u, '$1');
  return parseUtc(short.endsWith('Z') ? short : `${short}Z`);
}
