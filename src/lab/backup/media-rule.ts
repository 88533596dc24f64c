/** May a backup set be written to these devices, and can one be read from them? Pure rules over decoded files. */

import type { EngineError } from '../hadr/effect.ts';
import type { BackupHeader } from './backup-header.ts';
import { concatenate } from './media-file.ts';
import type { Damage, MediaFile, MediaLabel } from './media-file.ts';

/** A device and what was found on it; `absent`: no file, `foreign`: a file that is no backup. */
export interface Device {
  readonly path: string;
  readonly found: MediaFile | 'absent' | 'foreign';
}

/** How a backup writes. */
export interface WriteWish {
  readonly format: boolean;
  readonly init: boolean;
  readonly compressed: boolean;
}

/** What is written on a device: the label, and how many older backup sets stay before the new one. */
export type WritePlan =
  | { readonly kind: 'refused'; readonly error: EngineError }
  | { readonly kind: 'new'; readonly families: number }
  | { readonly kind: 'again' | 'append'; readonly labels: readonly MediaLabel[] };

/** Plans a backup: FORMAT and empty devices begin a media set, INIT keeps its label, else it is appended. */
export function planWrite(devices: readonly Device[], wish: WriteWish): WritePlan {
  const fresh: WritePlan = { kind: 'new', families: devices.length };
  if (wish.format) return fresh;
  const files = devices.map(({ found }) => found);
  if (files.every((file) => file === 'absent')) return fresh;
  const labels: MediaLabel[] = [];
  for (const { path, found } of devices) {
    if (found === 'foreign') return refused(3241, path);
    if (found === 'absent') return refused(3231, path, 0, devices.length);
    labels.push(found.label);
  }
  const wrong = wrongSet(devices, labels);
  if (wrong !== null) return { kind: 'refused', error: wrong };
  if (wish.init) return { kind: 'again', labels };
  const isCompressed = labels[0]?.compressed === true;
  if (isCompressed !== wish.compressed) {
    const [asked, other] = wish.compressed
      ? ['COMPRESSION', 'NO_COMPRESSION']
      : ['NO_COMPRESSION', 'COMPRESSION'];
    return refused(3098, asked, asked, other);
  }
  return { kind: 'append', labels };
}

/** Families of one media set, each once and all of them. */
function wrongSet(devices: readonly Device[], labels: readonly MediaLabel[]): EngineError | null {
  const [first] = labels;
  if (first === undefined) return null;
  const taken = new Map<number, string>();
  for (const [index, label] of labels.entries()) {
    const path = devices[index]?.path ?? '';
    if (label.mediaSetId !== first.mediaSetId) return { number: 3258, parameters: [path] };
    const before = taken.get(label.family);
    if (before !== undefined) return { number: 3227, parameters: [path, label.family, before] };
    taken.set(label.family, path);
  }
  return labels.length < first.families
    ? { number: 3132, parameters: [first.families, labels.length] }
    : null;
}

/** A backup set as it is read. */
export interface ReadSet {
  readonly header: BackupHeader;
  readonly label: MediaLabel;
  /** Number of the set on its media, from 1. */
  readonly position: number;
  /** Data of all families in order, as written. */
  readonly data: Uint8Array;
  readonly damage: Damage | null;
}

/** The sets of a media set, or what refuses to read them; a single family is enough for the headers. */
export function readSets(
  devices: readonly Device[],
  need: 'headers' | 'data',
): readonly ReadSet[] | EngineError {
  const files: MediaFile[] = [];
  for (const { path, found } of devices) {
    if (typeof found === 'string') return { number: 3241, parameters: [path] };
    files.push(found);
  }
  const labels = files.map((file) => file.label);
  const wrong = wrongSet(devices, labels);
  if (wrong !== null && (need === 'data' || wrong.number !== 3132)) return wrong;
  const ordered = files.toSorted((left, right) => left.label.family - right.label.family);
  const [first] = ordered;
  if (first === undefined) return [];
  return first.parts.map(({ header }, index) => ({
    header,
    label: first.label,
    position: index + 1,
    data: concatenate(ordered.map((file) => file.parts[index]?.data ?? new Uint8Array(0))),
    damage: ordered.map((file) => damageOf(file, index)).find((damage) => damage !== null) ?? null,
  }));
}

function damageOf(file: MediaFile, index: number): Damage | null {
  const part = file.parts[index];
  return part === undefined ? 'cut' : part.damage;
}

function refused(number: number, ...parameters: (string | number)[]): WritePlan {
  return { kind: 'refused', error: { number, parameters } };
}
