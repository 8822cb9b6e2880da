import { accentOf } from './accent.ts';
import { Html, html } from './html.ts';

/** A page, before it is sent. */
export interface Page {
  /** For the browser's tab and for screen readers, the most particular first. */
  readonly title: string;
  /** All that stands in `<body>`, usually one `<main>`. */
  readonly body: Html;
  /** `#rrggbb`; null: the usual one. */
  readonly accent?: string | null;
  /** Files of `browser/`, named as they are served: `room.js`. Loaded last, so that nothing waits for them. */
  readonly scripts?: readonly string[];
  /** Style sheets beside `style.css`. */
  readonly styles?: readonly string[];
  /** Class of `<body>`. */
  readonly kind?: string;
}

/** The document of a page. `address` gives the address of a file, from where the page is; `style` is `accentStyle(…)`. */
export function renderDocument(page: Page, style: string, address: (file: string) => string): string {
  const { title, body, scripts = [], styles = [], kind = '' } = page;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="${address('icon.svg')}" type="image/svg+xml">
${['style.css', ...styles].map((file) => html`<link rel="stylesheet" href="${address(file)}">\n`)}${Html.trusted(`<style>${style}</style>`)}
</head>
<body class="${kind}">
${body}
${scripts.map((file) => html`<script type="module" src="${address(file)}"></script>\n`)}</body>
</html>
`.text;
}

/** The custom properties that make the style sheet wear an organization's accent; goes into a `<style>` element. */
export function accentStyle(color: string | null): string {
  const { color: ground, text, inkLight, inkDark } = accentOf(color);
  return (
    `:root{--accent:${ground};--accent-text:${text};--accent-ink:${inkLight}}` +
    `@media (prefers-color-scheme: dark){:root{--accent-ink:${inkDark}}}`
  );
}
