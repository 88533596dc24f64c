/**
 * Takes secrets, and names where asked for, out of a text that leaves the house. Pure.
 *
 * Known secrets go in every form a document gives them (JSON, T-SQL, URL, base64). What only looks like a
 * secret goes too: passwords in connect strings, addresses and CREATE LOGIN.
 */

/** What is taken out. */
export interface Redaction {
  /** Clear texts that must not be in the result. */
  readonly secrets: readonly string[];
  /** Name -> what stands in its place; empty keeps names. */
  readonly names: ReadonlyMap<string, string>;
}

/** The text without them, and how many places were changed. */
export interface Redacted {
  readonly text: string;
  readonly secretPlaces: number;
  readonly namePlaces: number;
}

const HIDDEN = '<secret>';

/** Forms that give a secret away: group 1 stays, what follows is hidden. */
const SHAPES: readonly RegExp[] = [
  // Connect strings and key-value lists: Password=...; Pwd=...; AccountKey=...; SharedAccessKey=...
  /\b((?:password|pwd|passwd|accountkey|sharedaccesskey|client[_-]?secret|access[_-]?token)\s*=\s*)(?!N?'|0x)(?:"[^"\n]*"|[^;\s"',}\]]+)/giu,
  // T-SQL: PASSWORD = N'...' with doubled quotes inside, PASSWORD = 0x... HASHED, SECRET = '...'
  /\b((?:password|secret|old_password|decryption\s+by\s+password|encryption\s+by\s+password)\s*=\s*)(?:N?'(?:[^']|'')*'|0x[0-9a-f]+)/giu,
  // https://user:password@host, and the signature of a storage address
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']+:)[^\s/@"']+(?=@)/giu,
  /([?&](?:sig|sv_sig|token|code)=)[^&\s"']+/giu,
  // JSON: "password": "..."
  /("(?:password|pwd|secret|token|access_token|client_secret)"\s*:\s*)"(?:[^"\\]|\\.)*"/giu,
  // HTTP headers
  /(\b(?:authorization|proxy-authorization)\s*:\s*(?:bearer|basic)\s+)[A-Za-z0-9._~+/=-]+/giu,
];

/** Takes out. */
export function redact(text: string, { secrets, names }: Redaction): Redacted {
  let result = text;
  let secretPlaces = 0;
  for (const form of secretForms(secrets)) {
    const parts = result.split(form);
    secretPlaces += parts.length - 1;
    result = parts.join(HIDDEN);
  }
  for (const shape of SHAPES) {
    result = result.replaceAll(shape, (found: string, kept: string) => {
      const hidden = `${kept}${found.startsWith('"') ? `"${HIDDEN}"` : HIDDEN}`;
      if (!found.includes(HIDDEN)) secretPlaces += 1;
      return hidden;
    });
  }
  const named = withoutNames(result, names);
  return { text: named.text, secretPlaces, namePlaces: named.places };
}

/** Every way in which a document may write a secret, longest first, so that no rest stays. */
function secretForms(secrets: readonly string[]): readonly string[] {
  const forms = secrets
    .filter((secret) => secret !== '')
    .flatMap((secret) => [
      secret,
      inJson(secret),
      inJson(inJson(secret)),
      secret.replaceAll("'", "''"),
      inJson(secret.replaceAll("'", "''")),
      encodeURIComponent(secret),
      Buffer.from(secret, 'utf8').toString('base64'),
      Buffer.from(secret, 'utf16le').toString('hex'),
    ]);
  return [...new Set(forms)].toSorted((left, right) => right.length - left.length);
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/**
 * One pass over the text, so that what was put in is not looked at again. At each beginning of a word the
 * longest name wins; a name inside a longer word is another word.
 */
function withoutNames(
  text: string,
  names: ReadonlyMap<string, string>,
): { readonly text: string; readonly places: number } {
  const forms = new Map<string, string>();
  for (const [name, stand] of names) {
    if (name === '') continue;
    for (const form of [name, inJson(name), name.replaceAll(']', ']]'), name.replaceAll("'", "''")])
      forms.set(form.toLowerCase(), stand);
  }
  const lengths = [...new Set([...forms.keys()].map((form) => form.length))].toSorted(
    (left, right) => right - left,
  );
  const parts: string[] = [];
  let places = 0;
  let kept = 0;
  let at = 0;
  while (at < text.length && lengths.length > 0) {
    const found = isWord(text, at - 1) ? null : nameAt(text, at, { forms, lengths });
    if (found === null) {
      at += 1;
      continue;
    }
    parts.push(text.slice(kept, at), found.stand);
    places += 1;
    at += found.length;
    kept = at;
  }
  return { text: `${parts.join('')}${text.slice(kept)}`, places };
}

interface NameForms {
  /** Lower case form -> what stands in its place. */
  readonly forms: ReadonlyMap<string, string>;
  /** Longest first. */
  readonly lengths: readonly number[];
}

function nameAt(
  text: string,
  at: number,
  { forms, lengths }: NameForms,
): { readonly stand: string; readonly length: number } | null {
  for (const length of lengths) {
    if (isWord(text, at + length)) continue;
    const stand = forms.get(text.slice(at, at + length).toLowerCase());
    if (stand !== undefined) return { stand, length };
  }
  return null;
}

function isWord(text: string, at: number): boolean {
  const character = text[at];
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

/** Names of environment variables whose values are secrets, whatever they are for. */
const SECRET_VARIABLE =
  /PASS|PWD|SECRET|TOKEN|CREDENTIAL|APIKEY|API_KEY|ACCESS_KEY|PRIVATE_KEY|CONNECTION_?STRING|_SAS\b/iu;
/** Shorter values are words like `true`; a password of the migration itself is hidden at any length. */
const SHORTEST = 5;

/** Values of the environment that look like secrets; paths are none. */
export function environmentSecrets(
  environment: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined &&
    value.length >= SHORTEST &&
    SECRET_VARIABLE.test(name) &&
    !/^(?:\.{0,2}\/|[A-Za-z]:\\)/u.test(value)
      ? [value]
      : [],
  );
}
