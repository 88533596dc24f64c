/** What an assessment rule is, and the builders that give every rule its `unknown`. */

import {
  instancesOf,
  type AssessFacts,
  type PartFacts,
  type PartName,
  type ReadParts,
  type SideFacts,
} from '../model/assess-facts.ts';
import type { ServerFacts } from '../model/assess-server.ts';
import { known, unknown, type Fact, type Unknown } from '../model/fact.ts';
import type { Finding, Outcome, RuleFamily } from '../model/finding.ts';
import type { FixChange } from '../model/fix.ts';
import type { Migration } from '../model/migration.ts';
import { citation, type ReferenceName } from '../model/reference.ts';
import type { Side } from '../model/side.ts';

/** The part of a rule that is text: printed by `explain` and in the documentation. */
export interface AssessRuleText {
  /** Stable id, for example `SRC-VERSION`. Never reused. */
  readonly id: string;
  /** What must hold, one sentence without full stop. */
  readonly title: string;
  readonly family: RuleFamily;
  /** Why it matters. */
  readonly why: string;
  /** What to do when it does not hold, in general; a finding may say it more exactly. */
  readonly remedy: string;
  readonly reference: ReferenceName;
  /** Bullet of the articles' prerequisites that this rule checks, for example `SEED-SRC-FULLBACKUP`; absent: a rule of our own. */
  readonly seed?: string;
  /** Why no script may mend it, for example because Windows has to be restarted; printed by `assess --fix-script`. */
  readonly notScripted?: string;
}

/** A rule: facts in, findings out. Every rule answers at least once. */
export interface AssessRule extends AssessRuleText {
  readonly check: (facts: AssessFacts, migration: Migration) => readonly Finding[];
}

/** What a rule says about one thing. */
export interface Judgement {
  readonly outcome: Outcome;
  /** One sentence with the observed value. */
  readonly evidence: string;
  /** More exact than the rule's own; needed only when there is something to do. */
  readonly remedy?: string;
  /** What mends it where that is safe to script; `on` only where the finding is not about one instance. */
  readonly fix?: { readonly changes: readonly FixChange[]; readonly on?: string };
}

/** An instance of a side with its facts and the migration, as rules see it. */
export interface SideContext {
  readonly side: Side;
  /** The instance that is judged; every instance of the side is, in turn. */
  readonly facts: SideFacts;
  /** Everything that was read, the other side and the other replicas too. */
  readonly all: AssessFacts;
  readonly migration: Migration;
}

/** Puts a judgement into a finding of the rule. */
export function finding(
  rule: AssessRuleText,
  where: {
    readonly side: Side | null;
    readonly instance: string | null;
    readonly database: string | null;
  },
  judgement: Judgement,
): Finding {
  const nothingToDo = judgement.outcome === 'success';
  const { fix } = judgement;
  const instance = fix?.on ?? where.instance;
  return {
    id: rule.id,
    title: rule.title,
    outcome: judgement.outcome,
    side: where.side,
    instance: where.instance,
    database: where.database,
    evidence: judgement.evidence,
    remedy: nothingToDo ? '' : (judgement.remedy ?? rule.remedy),
    reference: citation(rule.reference),
    family: rule.family,
    seed: rule.seed ?? null,
    fix:
      nothingToDo || fix === undefined || instance === null
        ? null
        : { instance, changes: fix.changes },
    notScripted: rule.notScripted ?? null,
    waived: null,
  };
}

/** The judgement for a fact that could not be read; the fact itself brings the GRANT that would show it. */
export function notReadable(missing: string | Pick<Unknown, 'because' | 'remedy'>): Judgement {
  const { because, remedy } = typeof missing === 'string' ? { because: missing } : missing;
  return {
    outcome: 'unknown',
    evidence: `Not read: ${because}.`,
    remedy:
      remedy ?? 'Use a member of sysadmin, or grant the right that is named, then assess again.',
  };
}

interface SideText extends Omit<AssessRuleText, 'id'> {
  /** Id without its side, for example `VERSION` for `SRC-VERSION` and `TGT-VERSION`. */
  readonly name: string;
}

/** How a rule about every instance of one side is written, from one part of its facts. */
export interface SideSpec<P extends PartName> extends SideText {
  readonly part: P;
  readonly judge: (value: ReadParts[P], context: SideContext) => Judgement;
}

/** The same from several parts: `read: ({ server, files }) => together({ server, files })`. */
export interface SideReadSpec<T> extends SideText {
  readonly read: (facts: SideFacts, migration: Migration) => Fact<T>;
  readonly judge: (value: T, context: SideContext) => Judgement;
}

/** A rule for one side; every instance of it gets its own finding. */
export function sideRule<P extends PartName>(side: Side, spec: SideSpec<P>): AssessRule {
  const { part, ...rest } = spec;
  return sideReadRule<ReadParts[P]>(side, { ...rest, read: (facts: PartFacts) => facts[part] });
}

/** A rule for one side from several parts of its facts. */
export function sideReadRule<T>(side: Side, spec: SideReadSpec<T>): AssessRule {
  const { name, read, judge, ...rest } = spec;
  const text: AssessRuleText = { id: `${side === 'source' ? 'SRC' : 'TGT'}-${name}`, ...rest };
  return {
    ...text,
    check: (all, migration) =>
      instancesOf(all, side).map((facts) => {
        const fact = read(facts, migration);
        const judgement = fact.known
          ? judge(fact.value, { side, facts, all, migration })
          : notReadable(fact);
        return finding(text, { side, instance: facts.instance, database: null }, judgement);
      }),
  };
}

/** The same rule for both sides. */
export function bothSides<P extends PartName>(spec: SideSpec<P>): readonly AssessRule[] {
  return [sideRule('source', spec), sideRule('target', spec)];
}

/** The same rule for both sides, from several parts. */
export function bothSidesRead<T>(spec: SideReadSpec<T>): readonly AssessRule[] {
  return [sideReadRule('source', spec), sideReadRule('target', spec)];
}

/** How a rule about both instances together is written. */
export interface PairSpec<P extends PartName> extends AssessRuleText {
  readonly part: P;
  readonly judge: (
    source: ReadParts[P],
    target: ReadParts[P],
    context: { readonly facts: AssessFacts; readonly migration: Migration },
  ) => Judgement;
}

/** A rule about both instances. */
export function pairRule<P extends PartName>(spec: PairSpec<P>): AssessRule {
  return {
    ...spec,
    check: (facts, migration) => {
      const read = (parts: PartFacts): Fact<ReadParts[P]> => parts[spec.part];
      const source = read(facts.source);
      const target = read(facts.target);
      const nowhere = { side: null, instance: null, database: null };
      const on = (side: Side, { because, ...rest }: Unknown): readonly Finding[] => [
        finding(spec, nowhere, notReadable({ ...rest, because: `${side}: ${because}` })),
      ];
      if (!source.known) return on('source', source);
      if (!target.known) return on('target', target);
      const judgement = spec.judge(source.value, target.value, { facts, migration });
      return [finding(spec, nowhere, judgement)];
    },
  };
}

/** The judgement with what mends it. */
export function fixedBy(
  judgement: Judgement,
  ...changes: readonly [FixChange, ...FixChange[]]
): Judgement {
  return { ...judgement, fix: { changes } };
}

/** What must be looked at by hand: always `skipped`, with what to do. */
export function byHand(text: AssessRuleText & { readonly evidence: string }): AssessRule {
  const where = { side: null, instance: null, database: null };
  return {
    ...text,
    check: () => [finding(text, where, { outcome: 'skipped', evidence: text.evidence })],
  };
}

/** Shorthand for a judgement that all is well. */
export function good(evidence: string): Judgement {
  return { outcome: 'success', evidence };
}

/** Shorthand for a blocker. */
export function bad(evidence: string, remedy?: string): Judgement {
  return remedy === undefined
    ? { outcome: 'error', evidence }
    : { outcome: 'error', evidence, remedy };
}

/** Shorthand for a condition that somebody has to accept. */
export function doubtful(evidence: string, remedy?: string): Judgement {
  return remedy === undefined
    ? { outcome: 'warning', evidence }
    : { outcome: 'warning', evidence, remedy };
}

/** Shorthand for what sqlferry does itself later, or what does not apply. */
export function later(evidence: string): Judgement {
  return { outcome: 'skipped', evidence, remedy: '' };
}

/** Account the service shows on the network: the service account, or the machine's where that is virtual; null when neither is known. */
export function networkAccount(server: ServerFacts): Fact<string> {
  const account = server.serviceAccount;
  if (account === null || account.trim() === '') return unknown('the service account is not shown');
  if (/^(nt service\\|nt authority\\|localsystem$)/iu.test(account)) {
    return server.defaultDomain === null
      ? unknown(`${account} has no identity outside this machine`)
      : known(`${server.defaultDomain}\\${server.machineName}$`);
  }
  return account.startsWith('.\\')
    ? unknown(`${account} has no identity outside this machine`)
    : known(account);
}
