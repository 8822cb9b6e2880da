import type { SignUpField, SignUpValues } from '../domain/sign-up.ts';
import { readOrigin } from './embed.ts';
import { FIELD_NAMES } from './sign-up-form.ts';
import { readTimeZone, type TimeZone } from './times.ts';

/** A form as it came. */
export interface FormData {
  readonly values: SignUpValues;
  /** The viewer's time zone as the script knew it; else UTC. */
  readonly zone: TimeZone;
  /** Origin of the site that frames the form, as the script knew it; else empty. */
  readonly host: string;
}

const FIELDS = Object.keys(FIELD_NAMES) as SignUpField[];
const utf8 = new TextDecoder();

/** What an address may fill in: a link in a mail or an intranet page knows who reads it. */
const PREFILLED: readonly SignUpField[] = ['session', 'firstName', 'lastName', 'email'];
/** Longer than any field may be. */
const PREFILLED_LENGTH_MAX = 512;

/** Reads a posted form (`application/x-www-form-urlencoded`): what is missing is empty, of what comes twice the first counts. */
export function readForm(body: unknown): FormData {
  const sent = new URLSearchParams(body instanceof Uint8Array ? utf8.decode(body) : '');
  const value = (field: SignUpField) => sent.get(FIELD_NAMES[field]) ?? '';
  return {
    values: valuesOf(value),
    zone: readTimeZone(sent.get('zone') ?? ''),
    host: readOrigin(sent.get('host') ?? ''),
  };
}

/** The form filled in by its address: `?email=…&firstName=…&lastName=…&session=…`. */
export function prefilledValues(url: string): SignUpValues {
  const query = new URLSearchParams(url.split('?')[1] ?? '');
  return valuesOf((field) =>
    PREFILLED.includes(field) ? (query.get(FIELD_NAMES[field]) ?? '').slice(0, PREFILLED_LENGTH_MAX) : '',
  );
}

function valuesOf(value: (field: SignUpField) => string): SignUpValues {
  return Object.fromEntries(FIELDS.map((field) => [field, value(field)])) as Record<SignUpField, string>;
}
