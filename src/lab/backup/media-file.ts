/**
 * A backup file as bytes: a label, the headers of its backup sets, and its share of their data.
 *
 * The form is the lab's own (a real one is Microsoft Tape Format); what it has in common with the real
 * one is that it can be copied, striped, appended to, cut short and damaged. Pure: bytes in, bytes out.
 */

import { createHash } from 'node:crypto';
import { headerText, readHeader } from './backup-header.ts';
import type { BackupHeader } from './backup-header.ts';

/** What a file says about the media set it belongs to. */
export interface MediaLabel {
  readonly mediaSetId: string;
  /** Number of files that make up the media set. */
  readonly families: number;
  /** Number of this file, from 1. */
  readonly family: number;
  /** Compressed and plain backup sets do not share a media set (3098). */
  readonly compressed: boolean;
}

/** What happened to data after it was written. */
export type Damage = 'cut' | 'changed';

/** A backup set as one file holds it. */
export interface MediaPart {
  readonly header: BackupHeader;
  /** This file's share of the data. */
  readonly data: Uint8Array;
  /** The share is shorter than what was written, or not the same; null: it is whole. */
  readonly damage: Damage | null;
}

/** A readable backup file. */
export interface MediaFile {
  readonly label: MediaLabel;
  /** In the order of `position`, from 1. */
  readonly parts: readonly MediaPart[];
}

const MAGIC = 'SQLFERRY LAB BACKUP 1\n';
const LENGTH_BYTES = 4;

interface Index {
  readonly label: MediaLabel;
  readonly sets: readonly {
    readonly header: string;
    readonly bytes: number;
    readonly sha256: string;
  }[];
}

/** The bytes of a file. */
export function encodeMediaFile(file: MediaFile): Uint8Array {
  const index: Index = {
    label: file.label,
    sets: file.parts.map(({ header, data }) => ({
      header: headerText(header),
      bytes: data.byteLength,
      sha256: digest(data),
    })),
  };
  const magic = new TextEncoder().encode(MAGIC);
  const text = new TextEncoder().encode(JSON.stringify(index));
  const length = new Uint8Array(LENGTH_BYTES);
  new DataView(length.buffer).setUint32(0, text.byteLength);
  return concatenate([magic, length, text, ...file.parts.map(({ data }) => data)]);
}

/** Reads a file; undefined when it is no backup file (3241). A part that was cut short is damaged. */
export function decodeMediaFile(bytes: Uint8Array): MediaFile | undefined {
  const start = MAGIC.length + LENGTH_BYTES;
  if (bytes.byteLength < start) return undefined;
  if (new TextDecoder().decode(bytes.subarray(0, MAGIC.length)) !== MAGIC) return undefined;
  const length = new DataView(bytes.buffer, bytes.byteOffset + MAGIC.length).getUint32(0);
  const index = readIndex(new TextDecoder().decode(bytes.subarray(start, start + length)));
  if (index === undefined) return undefined;
  let at = start + length;
  const parts: MediaPart[] = [];
  for (const set of index.sets) {
    const header = readHeader(set.header);
    if (header === undefined) return undefined;
    const data = bytes.slice(at, at + set.bytes);
    at += set.bytes;
    const isCut = data.byteLength < set.bytes;
    const damage = isCut ? 'cut' : digest(data) === set.sha256 ? null : 'changed';
    parts.push({ header, data, damage });
  }
  return { label: index.label, parts };
}

function readIndex(text: string): Index | undefined {
  try {
    return JSON.parse(text) as Index;
  } catch {
    return undefined;
  }
}

/** Data in so many shares of nearly equal length. */
export function stripe(data: Uint8Array, families: number): readonly Uint8Array[] {
  const share = Math.ceil(data.byteLength / families);
  return Array.from({ length: families }, (_, index) =>
    data.slice(index * share, Math.min(data.byteLength, (index + 1) * share)),
  );
}

/** Puts shares together again. */
export function concatenate(shares: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(shares.reduce((sum, share) => sum + share.byteLength, 0));
  let at = 0;
  for (const share of shares) {
    whole.set(share, at);
    at += share.byteLength;
  }
  return whole;
}

function digest(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
