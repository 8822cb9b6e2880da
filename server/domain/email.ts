import { domainToASCII } from 'node:url';
import { limits } from '@rollcall/contract/limits.ts';
import { isLongerThan, trimWhiteSpace } from './text.ts';

/** A normalized address, or the reason of its refusal: a phrase that follows the word "email". */
export type EmailResult =
  | { readonly ok: true; readonly email: string }
  | { readonly ok: false; readonly reason: string };

/** A normalized domain, or the reason of its refusal: a phrase that follows the word "domain". */
export type DomainResult =
  | { readonly ok: true; readonly domain: string }
  | { readonly ok: false; readonly reason: string };

const EMAIL_LENGTH_MAX = limits.emailCharactersMax;
const LOCAL_PART_BYTES_MAX = 64;
const DOMAIN_LENGTH_MAX = 253;

const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
/** At least two labels; the last begins with a letter, so that no IP address passes (RFC 1123, section 2.1). */
const DOMAIN = `(?:${LABEL}\\.)+(?=[A-Za-z])${LABEL}`;

const PLAIN_EMAIL = new RegExp(`^${ATOM}(?:\\.${ATOM})*@${DOMAIN}$`);
const ASCII_DOMAIN = new RegExp(`^${DOMAIN}$`);

const ANY_ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\-\\P{ASCII}]+";
/** The dot-atom of RFC 5322, section 3.2.3, with the non-ASCII characters of RFC 6531, section 3.3. */
const LOCAL_PART = new RegExp(`^${ANY_ATOM}(?:\\.${ANY_ATOM})*$`, 'u');
/** Controls, unassigned and invisible characters and white space: two addresses must not look the same and differ. */
const INVISIBLE = /[\p{C}\p{Z}]/u;

/** What a URL's host parser would cut off or decode instead of refusing it. */
const NOT_IN_DOMAIN = /[^A-Za-z0-9.\-\P{ASCII}]/u;

const refuse = (reason: string): { ok: false; reason: string } => ({ ok: false, reason });

/** The IDNA ASCII form in lower case, or null where there is none. */
function toAsciiDomain(domain: string): string | null {
  if (isLongerThan(domain, DOMAIN_LENGTH_MAX) || NOT_IN_DOMAIN.test(domain)) return null;
  const ascii = domainToASCII(domain);
  return ascii.length <= DOMAIN_LENGTH_MAX && ASCII_DOMAIN.test(ascii) ? ascii : null;
}

/** Spells out what is wrong, or normalizes what is not plain ASCII. */
function normalizeUnusualEmail(text: string): EmailResult {
  if (text === '') return refuse('is empty; send an address such as name@example.com');
  if (isLongerThan(text, EMAIL_LENGTH_MAX)) return refuse(`is longer than ${EMAIL_LENGTH_MAX} characters; shorten it`);
  const at = text.lastIndexOf('@');
  if (at === -1) return refuse('has no "@"; send an address such as name@example.com');

  const localPart = text.slice(0, at).normalize('NFC').toLowerCase().normalize('NFC');
  if (!LOCAL_PART.test(localPart) || INVISIBLE.test(localPart)) {
    return refuse(
      'is not valid before the "@"; use letters, digits and marks such as . _ + - (no spaces, no quotes, no dot at an end or doubled)',
    );
  }
  if (Buffer.byteLength(localPart) > LOCAL_PART_BYTES_MAX) {
    return refuse(`has more than ${LOCAL_PART_BYTES_MAX} bytes before the "@"; shorten it`);
  }
  const domain = toAsciiDomain(text.slice(at + 1));
  if (domain === null) return refuse('has no valid domain after the "@"; write one such as example.com');

  const email = `${localPart}@${domain}`;
  if (Buffer.byteLength(email) > EMAIL_LENGTH_MAX) {
    return refuse(`is longer than ${EMAIL_LENGTH_MAX} bytes in its ASCII domain form; shorten it`);
  }
  return { ok: true, email };
}

/**
 * The one spelling under which an email is stored and compared (contract: Email, Identity): trimmed, lower-case, NFC,
 * the domain in its IDNA ASCII form. Accepts a dot-atom of at most 64 bytes before the "@" and a domain of at least two
 * labels after it, at most 254 bytes in all; quoted local parts and address literals are refused.
 */
export function normalizeEmail(text: string): EmailResult {
  const trimmed = trimWhiteSpace(text);
  const plain =
    trimmed.length <= EMAIL_LENGTH_MAX && trimmed.indexOf('@') <= LOCAL_PART_BYTES_MAX && PLAIN_EMAIL.test(trimmed);
  return plain ? { ok: true, email: trimmed.toLowerCase() } : normalizeUnusualEmail(trimmed);
}

/**
 * The one spelling under which a trusted domain is stored: trimmed, lower-case, IDNA ASCII form, at least two labels.
 */
export function normalizeDomain(text: string): DomainResult {
  const domain = toAsciiDomain(trimWhiteSpace(text));
  if (domain === null) return refuse('is not a domain name; write one such as example.com, without "@" or "https://"');
  return { ok: true, domain };
}

/**
 * Whether a normalized email lies in one of the (normalized) trusted domains. The match is exact: a subdomain is
 * trusted only where it is listed itself, since it may be in other hands.
 */
export function isTrusted(email: string, domains: readonly string[]): boolean {
  return domains.includes(email.slice(email.lastIndexOf('@') + 1));
}
