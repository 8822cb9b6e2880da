import type { Page } from 'playwright-core';

/** Who fills in a form. */
export interface FormPerson {
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
}

const ADA: FormPerson = { firstName: 'Ada', lastName: 'Lovelace', email: 'ada@example.com' };

/** Fills in the sign-up form that a page or a frame shows, for its first session with a free seat, and sends it. */
export async function sendSignUpForm(
  form: Pick<Page, 'fill' | 'check' | 'click'>,
  { firstName, lastName, email }: FormPerson = ADA,
): Promise<void> {
  await form.check('#session');
  await form.fill('#firstName', firstName);
  await form.fill('#lastName', lastName);
  await form.fill('#email', email);
  await form.check('#consent');
  await form.click('button[type=submit]');
}
