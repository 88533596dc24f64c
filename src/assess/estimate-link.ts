/** How fast data travels between the sides, from what the servers measured. Pure. */

import { parseUtc } from '../base/utc.ts';
import type { Circumstances, SeedingStream } from '../model/circumstance.ts';
import type { MigrationSide } from '../model/migration.ts';
import type { BandwidthEstimate } from '../model/estimate.ts';

const MS = 1000;
const KB = 1024;
/** A stream shorter than this measures its own start, in milliseconds. */
const LEAST_MS = 500;
/** Finished streams that are looked at, newest first. */
const NEWEST = 5;

/** What the sending side shows. */
export interface LinkInput {
  readonly circumstances: Circumstances | null;
  /** Its clock, ISO 8601 UTC. */
  readonly serverUtc: string | null;
  /** `log_send_rate` of its databases, in kilobytes per second. */
  readonly sendRatesKb: readonly number[];
  /** The other side: streams to replicas of the own group say nothing about the way there. */
  readonly receiver: MigrationSide;
}

/** The bandwidth: of the seedings that run, else of the last ones, else at least what log was sent at. */
export function estimateLink({
  circumstances,
  serverUtc,
  sendRatesKb,
  receiver,
}: LinkInput): BandwidthEstimate {
  const now = serverUtc === null ? null : parseUtc(serverUtc);
  const streams = (circumstances?.streams ?? []).filter(
    ({ isSource, remote }) => isSource && leadsTo(receiver, remote),
  );
  const running = streams.filter(({ endedUtc }) => endedUtc === null);
  const measured = running.flatMap((stream) => measure(stream, now));
  if (measured.length > 0) {
    return {
      low: sum(measured.map(({ low }) => low)),
      high: sum(measured.map(({ high }) => high)),
      restsOn: [
        `Measured: ${measured.length} running ${measured.length === 1 ? 'seeding' : 'seedings'}, since the start and at this moment.`,
      ],
    };
  }
  const finished = streams
    .filter(({ endedUtc }) => endedUtc !== null)
    .flatMap((stream) => measure(stream, null))
    .slice(0, NEWEST);
  if (finished.length > 0) {
    return {
      low: Math.min(...finished.map(({ low }) => low)),
      high: sum(finished.map(({ high }) => high)),
      restsOn: [
        `Measured: the last ${finished.length} ${finished.length === 1 ? 'seeding' : 'seedings'}, from the slowest one alone to all together.`,
      ],
    };
  }
  const rate = Math.max(0, ...sendRatesKb) * KB;
  if (rate > 0) {
    return {
      low: rate,
      high: null,
      restsOn: [
        'At least the rate at which log was sent; it is not sent faster than it is written.',
      ],
    };
  }
  return {
    low: null,
    high: null,
    restsOn: ['Nothing has travelled between the sides that the servers remember.'],
  };
}

/** Average since its start, and the rate at this moment where it runs; nothing for a stream too short to tell. */
function measure(
  { transferredBytes, bytesPerSecond, startedUtc, endedUtc }: SeedingStream,
  now: number | null,
): readonly { readonly low: number; readonly high: number }[] {
  const start = parseUtc(startedUtc);
  const end = endedUtc === null ? now : parseUtc(endedUtc);
  const elapsed = start === null || end === null ? 0 : end - start;
  const average = elapsed < LEAST_MS ? null : (MS * transferredBytes) / elapsed;
  const moment =
    endedUtc === null && bytesPerSecond !== null && bytesPerSecond > 0 ? bytesPerSecond : null;
  const rates = [average, moment].filter((rate) => rate !== null);
  return rates.length === 0 ? [] : [{ low: Math.min(...rates), high: Math.max(...rates) }];
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

/** `remote_machine_name` names the other side: its listener or one of its instances; an empty one may. */
function leadsTo(receiver: MigrationSide, remote: string): boolean {
  const names = [
    ...(receiver.listener === null ? [] : [receiver.listener.name]),
    ...receiver.instances.map(({ fqdn }) => fqdn.split('.')[0] ?? fqdn),
  ];
  const shown = remote.toLowerCase();
  return shown === '' || names.some((name) => shown.includes(name.toLowerCase()));
}
