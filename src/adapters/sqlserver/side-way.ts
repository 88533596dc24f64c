/**
 * The ways to the instances of one side, and which of them acts.
 *
 * Every look asks all of them; what the look found is kept here until the next one, so that an act goes to
 * the instance it was decided for and to no other.
 */

import type { Clock } from '../../ports/clock.ts';
import type { ConnectionSettings } from '../config/load-migration.ts';
import { makeLink, type InstanceLink } from './link.ts';

/** The way to one instance with its name. */
export interface InstanceWay {
  readonly settings: ConnectionSettings;
  readonly link: InstanceLink;
}

/** The ways of one side. */
export interface SideWay {
  /** In the order of the migration file. */
  readonly ways: readonly [InstanceWay, ...InstanceWay[]];
  /** Name of the instance that acts, as the newest look found it; the first one before that. */
  acting(): string;
  /** Remembers what a look found. */
  found(instance: string): void;
  /** The way to the named instance; the acting one for null. */
  to(instance: string | null): InstanceWay;
  /** Grows with every session that is opened to the side and with every change of the acting instance. */
  generation(): number;
  close(): void;
}

/** Prepares the ways of one side; nothing is opened yet. */
export function makeSideWay(
  first: ConnectionSettings,
  others: readonly ConnectionSettings[],
  clock: Clock,
): SideWay {
  const way = (settings: ConnectionSettings): InstanceWay => ({
    settings,
    link: makeLink(settings, clock),
  });
  const own = way(first);
  const ways: SideWay['ways'] = [own, ...others.map((settings) => way(settings))];
  let acting = first.instance;
  let changes = 0;
  return {
    ways,
    acting: () => acting,
    found(instance) {
      if (instance !== acting) changes += 1;
      acting = instance;
    },
    to: (instance) => ways.find((each) => each.settings.instance === (instance ?? acting)) ?? own,
    generation: () => ways.reduce((sum, { link }) => sum + link.generation(), changes),
    close() {
      for (const { link } of ways) link.close();
    },
  };
}
