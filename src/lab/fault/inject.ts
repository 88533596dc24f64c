/** Carries a fault out: the names it uses are looked up, then the world is called. */

import { unreachable } from '../../base/assert.ts';
import { fail, ok, type Result } from '../../base/result.ts';
import type { PathRule } from '../definition-storage.ts';
import type { HadrSwitches, PlantedFailure } from '../hadr/state.ts';
import type { Fault } from './fault.ts';
import { givenSwitches } from './switch.ts';

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
  crashAt(
    instance: string,
    point: {
      readonly when: 'before' | 'after';
      readonly what: 'batch' | 'statement' | 'commit';
      readonly pattern: string;
    },
  ): void;
  lateWriter(instance: string, database: string): void;
  setAgent(instance: string, mayRun: boolean): void;
  setClockOffset(instance: string, offsetMs: number): void;
  setRedoRate(instance: string, bytesPerSecond: number | null): void;
  latchDemotions(instance: string, times: number): void;
  revoke(instance: string, login: string): void;
  setBlackHole(instance: string, on: boolean): void;
  setPath(instance: string, path: string, problem: PathRule['problem'] | null): void;
  setBackupRate(bytesPerSecond: number | null): void;
  setSessionTimeout(sessionTimeoutMs: number): void;
  failSeedings(failure: PlantedFailure | null): void;
  setSwitches(switches: Partial<HadrSwitches>): void;
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
  const named = (name: string): string => canonical(target, name) ?? name;
  if ('instance' in fault) {
    const instance = named(fault.instance);
    if (fault.fault === 'delay' && fault.to !== undefined)
      target.world.setLinkDelay(instance, named(fault.to), fault.delayMs);
    else injectInto(target.world, { ...fault, instance });
  } else injectBetween(target.world, fault, named);
  return ok(null);
}

type InstanceFault = Extract<Fault, { readonly instance: string }>;

function injectInto(world: FaultyWorld, fault: InstanceFault): void {
  const { instance } = fault;
  switch (fault.fault) {
    case 'delay':
      return world.setClientDelay(instance, fault.delayMs);
    case 'crash':
      return world.crash(instance);
    case 'restart':
      return world.restart(instance);
    case 'lose-commit':
      return world.loseCommit(instance, fault.database);
    case 'crash-at':
      return world.crashAt(instance, {
        when: fault.when,
        what: fault.what,
        pattern: fault.pattern,
      });
    case 'late-writer':
      return world.lateWriter(instance, fault.database);
    case 'agent':
      return world.setAgent(instance, fault.state === 'running');
    case 'clock':
      return world.setClockOffset(instance, fault.offsetMs);
    case 'redo':
      return world.setRedoRate(instance, fault.bytesPerSecond);
    case 'latch':
      return world.latchDemotions(instance, fault.times);
    case 'revoke':
      return world.revoke(instance, fault.login);
    case 'clients':
      return world.setBlackHole(instance, fault.state === 'black-hole');
    case 'path':
      return world.setPath(instance, fault.path, fault.problem === 'good' ? null : fault.problem);
  }
  return unreachable(fault);
}

function injectBetween(
  world: FaultyWorld,
  fault: Exclude<Fault, InstanceFault>,
  named: (name: string) => string,
): void {
  switch (fault.fault) {
    case 'bandwidth':
      return world.setLinkBandwidth(fault.bytesPerSecond);
    case 'partition':
      return world.partition(named(fault.a), named(fault.b));
    case 'heal':
      if (fault.a === undefined || fault.b === undefined) return world.heal();
      return world.heal(named(fault.a), named(fault.b));
    case 'backup-rate':
      return world.setBackupRate(fault.bytesPerSecond);
    case 'session-timeout':
      return world.setSessionTimeout(fault.delayMs);
    case 'seeding-failure':
      return world.failSeedings(fault.failure);
    case 'switch':
      return world.setSwitches(givenSwitches(fault.set));
  }
  return unreachable(fault);
}

function namesOf(fault: Fault): readonly string[] {
  if ('instance' in fault) {
    return fault.fault === 'delay' && fault.to !== undefined
      ? [fault.instance, fault.to]
      : [fault.instance];
  }
  if (!('a' in fault)) return [];
  return [fault.a, fault.b].filter((name) => name !== undefined);
}

function canonical(target: FaultTarget, name: string): string | undefined {
  return target.instances.find((instance) => instance.toLowerCase() === name.toLowerCase());
}
