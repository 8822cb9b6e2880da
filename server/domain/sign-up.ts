import { normalizeEmail } from './email.ts';
import { cleanName, type TextResult } from './text.ts';

/** What the sign-up form asks for. `trap` is a field that people do not see, and that only programs fill in. */
export type SignUpField = 'session' | 'firstName' | 'lastName' | 'email' | 'consent' | 'trap';

/** A form as it was sent; what was left out is empty. */
export type SignUpValues = Readonly<Record<SignUpField, string>>;

/** A form that can be acted on: names trimmed, the email normalized. */
export interface SignUpRequest {
  readonly sessionId: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

/** What is wrong with a field: a sentence to the person who fills it in. */
export interface FieldFault {
  readonly field: SignUpField;
  readonly message: string;
}

export type SignUpReading =
  | { readonly ok: true; readonly request: SignUpRequest }
  | { readonly ok: false; readonly faults: readonly FieldFault[] };

/** Reads a form, or lists every fault in the order of its fields. */
export function readSignUp(values: SignUpValues): SignUpReading {
  const firstName = readName('First name', 'Enter your first name.', values.firstName);
  const lastName = readName('Last name', 'Enter your last name.', values.lastName);
  const email = readEmail(values.email);
  const faults: FieldFault[] = [];
  const check = (field: SignUpField, message: string | null) => {
    if (message !== null) faults.push({ field, message });
  };
  check('session', values.session === '' ? 'Choose a session.' : null);
  check('firstName', firstName.ok ? null : firstName.reason);
  check('lastName', lastName.ok ? null : lastName.reason);
  check('email', email.ok ? null : email.reason);
  check('consent', values.consent === '' ? 'Tick the box to agree.' : null);
  check('trap', values.trap === '' ? null : 'Leave the hidden field empty; your browser may have filled it in.');
  if (faults.length > 0 || !firstName.ok || !lastName.ok || !email.ok) return { ok: false, faults };
  return {
    ok: true,
    request: { sessionId: values.session, firstName: firstName.text, lastName: lastName.text, email: email.text },
  };
}

function readName(label: string, prompt: string, text: string): TextResult {
  const name = cleanName(text);
  if (!name.ok) return { ok: false, reason: `${label} ${name.reason}.` };
  return name.text === '' ? { ok: false, reason: prompt } : name;
}

function readEmail(text: string): TextResult {
  if (text.trim() === '') return { ok: false, reason: 'Enter your email address.' };
  const result = normalizeEmail(text);
  if (result.ok) return { ok: true, text: result.email };
  return { ok: false, reason: 'Enter a valid email address, such as name@example.com.' };
}

/** Whether strangers may sign up to a cluster by the form, and if not, why. */
export type Offer = 'open' | 'archived' | 'by-invitation';

export function offerOf(cluster: { readonly selfRegistration: boolean; readonly archivedAt: number | null }): Offer {
  if (cluster.archivedAt !== null) return 'archived';
  return cluster.selfRegistration ? 'open' : 'by-invitation';
}

/** Whether the form still takes people into a session: until it begins. Times are epoch milliseconds. */
export function isToCome(session: { readonly state: string; readonly scheduledStartAt: number }, now: number): boolean {
  return (session.state === 'scheduled' || session.state === 'open') && session.scheduledStartAt > now;
}
