/** Text that is HTML already. Made by `html` only, so that no other text gets onto a page unescaped. */
export class Html {
  readonly text: string;

  private constructor(text: string) {
    this.text = text;
  }

  /** Takes text as it is. For markup that this program wrote or sanitized itself, never for what somebody typed. */
  static trusted(text: string): Html {
    return new Html(text);
  }

  toString(): string {
    return this.text;
  }
}

/** What may stand in a template; null, undefined and booleans leave nothing, so that `condition && html…` works. */
export type HtmlValue = Html | string | number | boolean | null | undefined | readonly HtmlValue[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}

function render(value: HtmlValue): string {
  if (value instanceof Html) return value.text;
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(render).join('');
  return '';
}

/**
 * Template tag for HTML: every value is escaped, for text and for attributes **in quotes** alike (there is no safe way
 * to write one without). Values must not stand in the place of a tag's or an attribute's name, nor within `<script>` or
 * `<style>`; addresses from outside pass `webAddress` first.
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let text = strings[0] ?? '';
  for (const [index, value] of values.entries()) text += render(value) + (strings[index + 1] ?? '');
  return Html.trusted(text);
}

/** An attribute that is there or not, such as `checked`, `hidden` or `required`. */
export function flag(name: string, isThere: boolean): Html {
  return Html.trusted(isThere ? ` ${name}` : '');
}

/** An `http` or `https` address in its normal form, for `href` and `src`; null for any other, such as `javascript:`. */
export function webAddress(text: string | null): string | null {
  const url = text === null ? null : URL.parse(text);
  return url && /^https?:$/.test(url.protocol) ? url.href : null;
}
