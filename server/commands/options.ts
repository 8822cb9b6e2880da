import { allScopes, type Scope } from '@rollcall/contract/scopes.ts';
import { InvalidArgumentError, Option } from 'commander';
import { normalizeDomain } from '../domain/email.ts';
import { readAccentColor, readEmbedOrigin, readLabel, readSlug } from '../domain/organization-settings.ts';
import type { TextResult } from '../domain/text.ts';
import { readExpiry } from './expiry.ts';

/** What a rule said, as commander wants to hear it: the value, or an error that it shows with the option's name. */
function accepted(result: TextResult): string {
  if (result.ok) return result.text;
  throw new InvalidArgumentError(`It ${result.reason}.`);
}

/** An option that may be given several times; the same value twice counts once. */
function listOption<T>(flags: string, description: string, parse: (text: string) => T): Option {
  return new Option(flags, description).argParser((text: string, before: readonly T[] | undefined) => [
    ...new Set([...(before ?? []), parse(text)]),
  ]);
}

export const parseSlug = (text: string): string => accepted(readSlug(text));

export const jsonOption = (): Option => new Option('--json', 'print one JSON document, for scripts');

export const organizationOption = (): Option => new Option('--org <slug>', 'slug of the organization');

export const nameOption = (description: string): Option =>
  new Option('--name <name>', description).argParser((text: string) => accepted(readLabel(text)));

export const trustedDomainOption = (): Option =>
  listOption(
    '--trusted-domain <domain>',
    'take in only people with an email of this domain; repeat for more',
    (text) => {
      const result = normalizeDomain(text);
      return accepted(result.ok ? { ok: true, text: result.domain } : result);
    },
  );

export const embedOriginOption = (): Option =>
  listOption('--embed-origin <origin>', 'only this site may frame the sign-up form; repeat for more', (text) =>
    accepted(readEmbedOrigin(text)),
  );

export const accentColorOption = (): Option =>
  new Option('--accent-color <#rrggbb>', 'color of the sign-up form').argParser((text: string) =>
    accepted(readAccentColor(text)),
  );

export const scopeOption = (): Option =>
  listOption('--scope <scope>', `what the key may do (${allScopes.join(', ')}); repeat for more`, readScope);

function readScope(text: string): Scope {
  const scope = allScopes.find((known) => known === text);
  if (scope) return scope;
  throw new InvalidArgumentError(`It is no scope; write one of ${allScopes.join(', ')}.`);
}

/** Epoch milliseconds. */
export const expiresOption = (): Option =>
  new Option('--expires <when>', 'a date-time, a date (00:00 UTC), or a duration: 12h, 90d, 8w, 1y').argParser(
    (text: string): number => {
      const end = readExpiry(text, Date.now());
      if (end.ok) return end.at;
      throw new InvalidArgumentError(`It ${end.reason}.`);
    },
  );
