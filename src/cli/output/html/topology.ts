/**
 * The two sides as a picture: instances, availability groups, listeners, the distributed group and the
 * way the data flows. Inline SVG, with the same in words for those who do not see it. Pure.
 *
 * Solid lines exist on the servers, dashed ones are what the migration file plans.
 */

import { sameName } from '../../../base/name.ts';
import { instancesOf } from '../../../model/assess-facts.ts';
import type { AssessFacts, SideFacts } from '../../../model/assess-facts.ts';
import type { Migration } from '../../../model/migration.ts';
import type { Side } from '../../../model/side.ts';
import { fit } from '../format.ts';
import { escapeHtml } from './escape.ts';

interface DrawnInstance {
  readonly name: string;
  /** Role, version and edition, or why they are not known. */
  readonly detail: string;
}

interface DrawnSide {
  readonly side: Side;
  readonly group: string;
  readonly groupExists: boolean;
  readonly instances: readonly DrawnInstance[];
  /** `name, port 1433`; null on the standalone path. */
  readonly listener: string | null;
}

/** What is drawn. */
export interface Topology {
  readonly source: DrawnSide;
  readonly target: DrawnSide;
  readonly distributed: string;
  readonly distributedExists: boolean;
  /** From which side the data flows, or would. */
  readonly flowsFrom: Side;
}

/** What the facts and the migration file say. */
export function topologyOf(facts: AssessFacts, migration: Migration): Topology {
  const distributed = (['source', 'target'] as const).flatMap((side) =>
    groupsOf(facts[side])
      .filter((group) => sameName(group.name, migration.distributedAvailabilityGroup))
      .map((group) => ({ side, role: group.localRoleDesc })),
  );
  const primary = distributed.find(({ role }) => role === 'PRIMARY');
  return {
    source: drawnSide(facts, migration, 'source'),
    target: drawnSide(facts, migration, 'target'),
    distributed: migration.distributedAvailabilityGroup,
    distributedExists: distributed.length > 0,
    flowsFrom: primary?.side ?? 'source',
  };
}

type SeenGroup = Extract<
  SideFacts['availabilityGroups'],
  { readonly known: true }
>['value'][number];

function groupsOf(facts: SideFacts): readonly SeenGroup[] {
  return facts.availabilityGroups.known ? facts.availabilityGroups.value : [];
}

function drawnSide(facts: AssessFacts, migration: Migration, side: Side): DrawnSide {
  const planned = migration[side];
  const seen = instancesOf(facts, side);
  const { listener } = planned;
  return {
    side,
    group: planned.availabilityGroup,
    groupExists: seen.some((instance) =>
      groupsOf(instance).some((group) => sameName(group.name, planned.availabilityGroup)),
    ),
    instances: planned.instances.map(({ name }) => {
      const found = seen.find((instance) => sameName(instance.instance, name));
      return { name, detail: detailOf(found, planned.availabilityGroup) };
    }),
    listener: listener === null ? null : `${listener.name}, port ${listener.port}`,
  };
}

function detailOf(facts: SideFacts | undefined, group: string): string {
  if (facts === undefined) return 'not asked';
  if (facts.connection.kind === 'unreachable') return 'not reached';
  if (!facts.server.known) return 'version not shown';
  const { productVersion, edition } = facts.server.value;
  const role = groupsOf(facts).find(({ name }) => sameName(name, group))?.localRoleDesc ?? null;
  const words = [productVersion, edition.replace(/ Edition.*$/u, '')];
  return [...words, ...(role === null ? [] : [role])].join(', ');
}

const WIDTH = 960;
const BOX = 380;
const ROW = 62;

/** The picture with its words. */
export function topologyFigure(topology: Topology): string {
  const { source, target } = topology;
  const rows = Math.max(source.instances.length, target.instances.length);
  const hasListener = source.listener !== null || target.listener !== null;
  const height = 96 + rows * ROW + (hasListener ? 44 : 0);
  return `<figure><svg viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="topology-title topology-text" font-family="system-ui,sans-serif" font-size="14">
<title id="topology-title">Topology</title><desc id="topology-text">${escapeHtml(inWords(topology))}</desc>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerUnits="userSpaceOnUse" markerWidth="14" markerHeight="14" orient="auto-start-reverse"><path d="M0 0L10 5L0 10z" fill="#1c2430"/></marker></defs>
${box(source, { x: 1, height })}
${box(target, { x: WIDTH - BOX - 1, height })}
${arrow(topology, height)}
</svg><figcaption class="soft">${escapeHtml(inWords(topology))} Solid lines exist; dashed ones are planned.</figcaption></figure>`;
}

function box(side: DrawnSide, place: { readonly x: number; readonly height: number }): string {
  const { x, height } = place;
  const dash = side.groupExists ? '' : ' stroke-dasharray="7 5"';
  const parts = [
    `<rect x="${x}" y="1" width="${BOX}" height="${height - 2}" rx="8" fill="#f4f6f9" stroke="#aeb6c2"/>`,
    text({ x: x + 16, y: 26, size: 13, fill: '#4a5462' }, side.side),
    `<rect x="${x + 10}" y="38" width="${BOX - 20}" height="${height - 50}" rx="6" fill="#fff" stroke="#0b4a99" stroke-width="2"${dash}/>`,
    text({ x: x + 24, y: 62, size: 14, fill: '#0b4a99', room: 36 }, `AG ${side.group}`),
  ];
  for (const [at, instance] of side.instances.entries()) {
    const y = 74 + at * ROW;
    parts.push(
      `<rect x="${x + 22}" y="${y}" width="${BOX - 44}" height="${ROW - 10}" rx="5" fill="#fff" stroke="#1c2430"/>`,
      text(
        { x: x + 36, y: y + 22, size: 15, fill: '#1c2430', bold: true, room: 30 },
        instance.name,
      ),
      text({ x: x + 36, y: y + 41, size: 13, fill: '#4a5462', room: 40 }, instance.detail),
    );
  }
  if (side.listener !== null) {
    const y = 74 + side.instances.length * ROW;
    parts.push(
      `<rect x="${x + 22}" y="${y}" width="${BOX - 44}" height="30" rx="15" fill="#e3f2f9" stroke="#0a4a66"/>`,
      text(
        { x: x + 40, y: y + 20, size: 13, fill: '#0a4a66', room: 36 },
        `listener ${side.listener}`,
      ),
    );
  }
  return parts.join('');
}

function arrow(topology: Topology, height: number): string {
  const y = height / 2;
  const left = BOX + 6;
  const right = WIDTH - BOX - 6;
  const [from, to] = topology.flowsFrom === 'source' ? [left, right] : [right, left];
  const dash = topology.distributedExists ? '' : ' stroke-dasharray="7 5"';
  const middle = WIDTH / 2;
  return [
    `<line x1="${from}" y1="${y}" x2="${to}" y2="${y}" stroke="#1c2430" stroke-width="2.5"${dash} marker-end="url(#tip)"/>`,
    text({ x: middle, y: y - 14, size: 13, fill: '#4a5462', anchor: 'middle' }, 'distributed AG'),
    text(
      { x: middle, y: y + 24, size: 15, fill: '#1c2430', bold: true, anchor: 'middle', room: 22 },
      topology.distributed,
    ),
  ].join('');
}

interface TextPlace {
  readonly x: number;
  readonly y: number;
  /** Font size in pixels. */
  readonly size: number;
  readonly fill: string;
  readonly bold?: boolean;
  readonly anchor?: 'middle';
  /** Characters that fit; a longer text is cut and is whole in its title. */
  readonly room?: number;
}

function text(place: TextPlace, content: string): string {
  const shown = fit(content, place.room ?? 200);
  const title = shown === content ? '' : `<title>${escapeHtml(content)}</title>`;
  const weight = place.bold === true ? ' font-weight="600"' : '';
  const anchor = place.anchor === undefined ? '' : ` text-anchor="${place.anchor}"`;
  return `<text x="${place.x}" y="${place.y}" font-size="${place.size}" fill="${place.fill}"${weight}${anchor}>${escapeHtml(shown)}${title}</text>`;
}

function inWords(topology: Topology): string {
  const side = (drawn: DrawnSide): string =>
    `${drawn.side}: ${drawn.instances.map(({ name, detail }) => `${name} (${detail})`).join('; ')} in availability group ${drawn.group}${drawn.groupExists ? '' : ' (planned)'}${drawn.listener === null ? '' : ` with listener ${drawn.listener}`}`;
  const { source, target, distributed, distributedExists, flowsFrom } = topology;
  const direction = flowsFrom === 'source' ? 'source to target' : 'target to source';
  return `${side(source)}. ${side(target)}. Distributed availability group ${distributed}${distributedExists ? '' : ' (planned)'}, data from ${direction}.`;
}
