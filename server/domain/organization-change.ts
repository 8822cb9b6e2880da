import type { OrganizationChange } from '@rollcall/contract/manage/organization.ts';
import { normalizeDomain } from './email.ts';
import { readAccentColor, readEmbedOrigin, readLabel } from './organization-settings.ts';
import { type Issue, invalid } from './refusal.ts';
import type { TextResult } from './text.ts';

/** Settings as they are kept; absent ones stay. */
export interface OrganizationChanges {
  name?: string;
  trustedDomains?: readonly string[] | null;
  embedOrigins?: readonly string[];
  accentColor?: string | null;
  syncLimit?: { readonly percent: number; readonly people: number };
}

const readDomain = (text: string): TextResult => {
  const result = normalizeDomain(text);
  return result.ok ? { ok: true, text: result.domain } : result;
};

/**
 * What is to change of an organization, from a body that fits its schema: each text in the one spelling under which it is
 * kept, each item of a list once. Throws `invalid_request` with every fault at its place.
 */
export function readOrganizationChange(change: OrganizationChange): OrganizationChanges {
  const { name, trustedDomains, embedOrigins, accentColor, syncLimit } = change;
  const issues: Issue[] = [];
  const read = (pointer: string, text: string, rule: (text: string) => TextResult): string => {
    const result = rule(text);
    if (result.ok) return result.text;
    issues.push({ pointer, message: result.reason });
    return '';
  };
  const readAll = (pointer: string, texts: readonly string[], rule: (text: string) => TextResult) => [
    ...new Set(texts.map((text, index) => read(`${pointer}/${index}`, text, rule))),
  ];
  const changes: OrganizationChanges = {};
  if (name !== undefined) changes.name = read('/name', name, readLabel);
  if (trustedDomains !== undefined) {
    changes.trustedDomains = trustedDomains && readAll('/trustedDomains', trustedDomains, readDomain);
  }
  if (embedOrigins !== undefined) changes.embedOrigins = readAll('/embedOrigins', embedOrigins, readEmbedOrigin);
  if (accentColor !== undefined) {
    changes.accentColor = accentColor === null ? null : read('/accentColor', accentColor, readAccentColor);
  }
  if (syncLimit !== undefined) changes.syncLimit = syncLimit;
  if (issues.length > 0) throw invalid(issues);
  return changes;
}
