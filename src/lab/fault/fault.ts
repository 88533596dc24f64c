/**
 * The faults that people and tests can inject into a running lab, as data.
 *
 * Here: what there is, how a fault is read from JSON, what it calls. What it does is the world's.
 */

import * as z from 'zod';

import { unreachable } from '../../base/assert.ts';
import { fail, ok, type Result } from '../../base/result.ts';

const MAX_DELAY_MS = 600_000;

const instance = z.string().min(1);
const delayMs = z.number().min(0).max(MAX_DELAY_MS);

const schema = z.discriminatedUnion('fault', [
  z.strictObject({ fault: z.literal('delay'), instance, to: instance.optional(), delayMs }),
  z.strictObject({ fault: z.literal('bandwidth'), bytesPerSecond: z.number().int().min(1) }),
  z.strictObject({ fault: z.literal('partition'), a: instance, b: instance }),
  z.strictObject({ fault: z.literal('heal'), a: instance.optional(), b: instance.optional() }),
  z.strictObject({ fault: z.literal('crash'), instance }),
  z.strictObject({ fault: z.literal('restart'), instance }),
  z.strictObject({ fault: z.literal('lose-commit'), instance, database: z.string().min(1) }),
]);

/**
 * One fault.
 *
 * `delay`: with `to` the link between two instances in that direction, else clients of the instance.
 * `bandwidth`: what automatic seeding may use. `partition`, `heal`: the link between two instances,
 * `heal` alone: all links. `crash`, `restart`: the instance. `lose-commit`: the next transaction
 * redone on that copy is acknowledged, but its rows are dropped.
 */
export type Fault = z.output<typeof schema>;

/** What a fault acts on: the names of the instances, and the world, which knows them. */
export interface FaultTarget {
  readonly instances: readonly string[];
  readonly world: FaultyWorld;
}

/** The part of the world that faults call. */
export interface FaultyWorld {
  setClientDelay(instance: string, delayMs: number): void;
  setLinkDelay(from: string, to: string, delayMs: number): void;
  setLinkBandwidth(bytesPerSecond: number): void;
  partition(a: string, b: string): void;
  heal(a?: string, b?: string): void;
  crash(instance: string): void;
  restart(instance: string): void;
  loseCommit(instance: string, database: string): void;
}

/** How each fault is typed after `lab fault`. */
export const FAULT_USAGE: Readonly<Record<Fault['fault'], string>> = {
  delay: 'delay <instance> [<to instance>] <milliseconds>',
  bandwidth: 'bandwidth <bytes per second, for example 40MB>',
  partition: 'partition <instance> <instance>',
  heal: 'heal [<instance> <instance>]',
  crash: 'crash <instance>',
  restart: 'restart <instance>',
  'lose-commit': 'lose-commit <instance> <database>',
};

/** Reads a fault from JSON; the error says what is allowed. */
export function readFault(value: unknown): Result<Fault, string> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.') ?? '';
  return fail(
    where === '' || where === 'fault'
      ? `unknown fault; allowed: ${Object.keys(FAULT_USAGE).join(', ')}`
      : `${where}: ${issue?.message ?? 'wrong'}`,
  );
}

/** Injects the fault; the error names the instances there are. */
export function applyFault(target: FaultTarget, fault: Fault): Result<null, string> {
  const unknown = namesOf(fault).find((name) => canonical(target, name) === undefined);
  if (unknown !== undefined) {
    return fail(`no instance ${unknown}; there are: ${target.instances.join(', ')}`);
  }
  if (fault.fault === 'partition' && canonical(target, fault.a) === canonical(target, fault.b)) {
    return fail(`a partition needs two instances, not ${fault.a} twice`);
  }
  inject(target, fault);
  return ok(null);
}

function inject(target: FaultTarget, fault: Fault): void {
  const { world } = target;
  const named = (name: string): string => canonical(target, name) ?? name;
  switch (fault.fault) {
    case 'delay': {
      if (fault.to === undefined) world.setClientDelay(named(fault.instance), fault.delayMs);
      else world.setLinkDelay(named(fault.instance), named(fault.to), fault.delayMs);
      return;
    }
    case 'bandwidth': {
      world.setLinkBandwidth(fault.bytesPerSecond);
      return;
    }
    case 'partition': {
      world.partition(named(fault.a), named(fault.b));
      return;
    }
    case 'heal': {
      if (fault.a === undefined || fault.b === undefined) world.heal();
      else world.heal(named(fault.a), named(fault.b));
      return;
    }
    case 'crash': {
      world.crash(named(fault.instance));
      return;
    }
    case 'restart': {
      world.restart(named(fault.instance));
      return;
    }
    case 'lose-commit': {
      world.loseCommit(named(fault.instance), fault.database);
    }
  }
}

function namesOf(fault: Fault): readonly string[] {
  switch (fault.fault) {
    case 'delay': {
      return fault.to === undefined ? [fault.instance] : [fault.instance, fault.to];
    }
    case 'bandwidth': {
      return [];
    }
    case 'partition':
    case 'heal': {
      return [fault.a, fault.b].filter((name) => name !== undefined);
    }
    case 'crash':
    case 'restart':
    case 'lose-commit': {
      return [fault.instance];
    }
  }
  return unreachable(fault);
}

function canonical(target: FaultTarget, name: string): string | undefined {
  return target.instances.find((instance) => instance.toLowerCase() === name.toLowerCase());
}
