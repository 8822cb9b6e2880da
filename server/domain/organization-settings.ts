import { cleanName, type TextResult } from './text.ts';

const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
const ORIGIN = /^https?:\/\/[^\s/?#@\\]+\/?$/i;
/** A host name in its ASCII form or an IPv6 address: nothing that would end a directive of a content security policy. */
const PLAIN_HOST = /^(?:[a-z0-9_.-]+|\[[0-9a-f:.]+\])$/;
const COLOR = /^#[0-9a-f]{6}$/;

const refuse = (reason: string): TextResult => ({ ok: false, reason });

/** An organization's slug: 1 to 63 lower-case letters, digits and hyphens, the first no hyphen. */
export function readSlug(text: string): TextResult {
  if (SLUG.test(text)) return { ok: true, text };
  return refuse(
    'is no slug; write 1 to 63 lower-case letters, digits and hyphens, the first no hyphen, such as acme-uk',
  );
}

/** A name by which people tell organizations or keys apart: as a user's name, but never empty. */
export function readLabel(text: string): TextResult {
  const cleaned = cleanName(text);
  return cleaned.ok && cleaned.text === '' ? refuse('is empty; write a name that tells it apart') : cleaned;
}

/** A site that may frame the sign-up form, in the spelling that browsers use: scheme, host in ASCII, port unless it is the usual one. */
export function readEmbedOrigin(text: string): TextResult {
  const url = ORIGIN.test(text) ? URL.parse(text) : null;
  if (url && PLAIN_HOST.test(url.hostname)) return { ok: true, text: url.origin };
  return refuse(
    'is not the origin of a site; write scheme and host without a path, such as https://intranet.example.com',
  );
}

/** A color of the sign-up form: `#` and six hex digits, kept in lower case. */
export function readAccentColor(text: string): TextResult {
  const color = text.toLowerCase();
  return COLOR.test(color)
    ? { ok: true, text: color }
    : refuse('is no color; write # and six hex digits, such as #0a7f5a');
}
