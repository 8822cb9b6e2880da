import type { UserRef, UserTemplate } from '@rollcall/contract/users.ts';
import { fieldFault, TEMPLATE_WITHOUT_KEY } from './batch-errors.ts';
import { normalizeEmail } from './email.ts';
import { cleanName, cleanRemoteId, type TextResult } from './text.ts';

/**
 * An item of a batch upsert with its fields normalized, once for both lookup and planning. `undefined` is absent (or
 * faulty), `null` clears.
 */
export interface PreparedTemplate {
  readonly item: UserTemplate;
  /** The id that the user found must have. It is compared and never looked up. */
  readonly expectedId: string | undefined;
  readonly remoteId: string | null | undefined;
  readonly email: string | null | undefined;
  readonly firstName: string | undefined;
  readonly lastName: string | undefined;
  readonly active: boolean | undefined;
  /** What is wrong with the fields by themselves, as a text to answer; null where nothing is. */
  readonly fault: string | null;
}

/** An item of a batch deactivation with its keys normalized; `undefined` is absent or faulty. */
export interface PreparedRef {
  readonly item: UserRef;
  readonly id: string | undefined;
  readonly remoteId: string | undefined;
  readonly email: string | undefined;
  /** What is wrong with the keys by themselves, as a text to answer; null where nothing is. */
  readonly fault: string | null;
}

/** The normalized keys to look up for a batch, each once. */
export interface BatchKeys {
  readonly ids: string[];
  readonly remoteIds: string[];
  readonly emails: string[];
}

type Rule = (text: string) => TextResult;

const emailRule: Rule = (text) => {
  const result = normalizeEmail(text);
  return result.ok ? { ok: true, text: result.email } : result;
};

/** The value as the rule keeps it; one that is refused adds its fault and counts as absent. `null` passes as it is. */
function cleaned<Absent extends null | undefined>(
  field: string,
  value: string | Absent,
  rule: Rule,
  faults: string[],
): string | Absent | undefined {
  if (typeof value !== 'string') return value;
  const result = rule(value);
  if (result.ok) return result.text;
  faults.push(fieldFault(field, value, result.reason));
  return undefined;
}

function prepareTemplate(item: UserTemplate): PreparedTemplate {
  const faults: string[] = [];
  const remoteId = cleaned('remoteId', item.remoteId, cleanRemoteId, faults);
  const email = cleaned('email', item.email, emailRule, faults);
  const firstName = cleaned('firstName', item.firstName, cleanName, faults);
  const lastName = cleaned('lastName', item.lastName, cleanName, faults);
  if (typeof item.remoteId !== 'string' && typeof item.email !== 'string') faults.push(TEMPLATE_WITHOUT_KEY);
  const fault = faults.length === 0 ? null : faults.join(' ');
  return { item, expectedId: item.id, remoteId, email, firstName, lastName, active: item.active, fault };
}

/** Normalizes the items of a batch upsert, in their order. */
export function prepareTemplates(templates: readonly UserTemplate[]): PreparedTemplate[] {
  return templates.map(prepareTemplate);
}

function prepareRef(item: UserRef): PreparedRef {
  const faults: string[] = [];
  const remoteId = cleaned('remoteId', item.remoteId ?? undefined, cleanRemoteId, faults);
  const email = cleaned('email', item.email ?? undefined, emailRule, faults);
  return { item, id: item.id, remoteId, email, fault: faults.length === 0 ? null : faults.join(' ') };
}

/** Normalizes the items of a batch deactivation, in their order; a key that is null counts as absent. */
export function prepareRefs(refs: readonly UserRef[]): PreparedRef[] {
  return refs.map(prepareRef);
}

/** The keys under which a store must look for users before the batch can be planned. */
export function batchKeys(items: readonly (PreparedTemplate | PreparedRef)[]): BatchKeys {
  const ids = new Set<string>();
  const remoteIds = new Set<string>();
  const emails = new Set<string>();
  for (const item of items) {
    if ('id' in item && item.id !== undefined) ids.add(item.id);
    if (typeof item.remoteId === 'string') remoteIds.add(item.remoteId);
    if (typeof item.email === 'string') emails.add(item.email);
  }
  return { ids: [...ids], remoteIds: [...remoteIds], emails: [...emails] };
}
